# prop.test without correction is Wilson's interval; binom.test is Clopper and Pearson's.
source("tests/reference/binary_frames.R")
d <- read("actg175", c("zdv", "zdv_ddi", "zdv_zal", "ddi"))
for (arm in levels(d$arm)) {
  y <- d$outcome[d$arm == arm]
  x <- sum(y, na.rm = TRUE); n <- sum(!is.na(y)); p <- x / n
  w <- suppressWarnings(prop.test(x, n, correct = FALSE))$conf.int
  e <- binom.test(x, n)$conf.int
  add("wilson", "proportion", arm = arm, estimate = p, se = sqrt(p * (1 - p) / n), low = w[1], high = w[2], n = n, events = x, missing = sum(is.na(y)))
  add("exact", "proportion", arm = arm, estimate = p, low = e[1], high = e[2])
}
for (case in c("aids", "lung", "rossi")) for (arm in levels(frames[[case]]$arm)) {
  y <- frames[[case]]$outcome[frames[[case]]$arm == arm]
  x <- sum(y, na.rm = TRUE); n <- sum(!is.na(y))
  w <- suppressWarnings(prop.test(x, n, correct = FALSE))$conf.int; e <- binom.test(x, n)$conf.int
  add(paste0("wilson-", case), "proportion", arm = arm, estimate = x / n, low = w[1], high = w[2], n = n, events = x)
  add(paste0("exact-", case), "proportion", arm = arm, estimate = x / n, low = e[1], high = e[2])
}
for (case in list(c(0, 20), c(20, 20), c(1, 3))) {
  w <- suppressWarnings(prop.test(case[1], case[2], correct = FALSE))$conf.int
  e <- binom.test(case[1], case[2])$conf.int
  name <- paste0(case[1], "of", case[2])
  add(paste0("wilson-", name), "proportion", low = w[1], high = w[2])
  add(paste0("exact-", name), "proportion", low = e[1], high = e[2])
}
finish("proportion")
