# Exact p of tiny trials (every k-th person of real ones): all arrangements of the arms, free or within blocks of five; coin where it has the exact distribution.
source("tests/reference/rows.R")
suppressMessages(library(survival))
suppressMessages(library(coin))
arrangements <- function(arm, block) { # all ways to permute the arms within blocks, one row each
  parts <- lapply(split(seq_along(arm), block), function(i) {
    chosen <- combn(length(i), sum(arm[i]), simplify = FALSE)
    lapply(chosen, function(x) i[x])
  })
  grid <- expand.grid(lapply(parts, seq_along))
  t(apply(grid, 1, function(g) { a <- rep(0, length(arm)); for (j in seq_along(parts)) a[parts[[j]][[g[j]]]] <- 1; a }))
}
enumerated <- function(case, arm, block, statistic) {
  all <- arrangements(arm, block)
  values <- apply(all, 1, statistic)
  seen <- statistic(arm)
  add(case, "p", p = mean(is.na(values) | abs(values) >= abs(seen) * (1 - 1e-9)), statistic = seen, n = nrow(all))
}
logrank <- function(d) function(a) { if (length(unique(a)) < 2) return(NA); s <- survdiff(Surv(time, status) ~ a, d); (s$obs[2] - s$exp[2]) / sqrt(s$var[2, 2]) }
stratified <- function(d) function(a) { # z summed over blocks: survdiff refuses a stratum without both arms
  u <- v <- 0
  for (b in unique(d$block)) { g <- d[d$block == b, ]; x <- a[d$block == b]
    for (t in unique(g$time[g$status == 1])) { r <- g$time >= t; n <- sum(r); n1 <- sum(x[r]); k <- sum(g$status == 1 & g$time == t)
      u <- u + sum(x[g$status == 1 & g$time == t]) - k * n1 / n; if (n > 1) v <- v + k * n1 / n * (1 - n1 / n) * (n - k) / (n - 1) } }
  u / sqrt(v)
}
difference <- function(y) function(a) mean(y[a == 1], na.rm = TRUE) - mean(y[a == 0], na.rm = TRUE)
for (x in list(list("rossi", c("no_aid", "aid"), 31), list("lung", c("men", "women"), 17), list("transplants", c("marrow", "blood"), 8))) {
  d <- read(x[[1]], x[[2]]); d <- d[seq(1, nrow(d), by = x[[3]]), ]; d$status <- as.integer(d$status == 1)
  d$block <- (seq_len(nrow(d)) - 1) %/% 5; a <- as.integer(d$arm == x[[2]][2])
  enumerated(paste(x[[1]], "free logrank"), a, rep(1, nrow(d)), logrank(d))
  enumerated(paste(x[[1]], "blocks logrank"), a, d$block, logrank(d))
  enumerated(paste(x[[1]], "blocks stratified"), a, d$block, stratified(d))
  y <- as.integer(d$status == 1 & d$time <= median(d$time)); y[5] <- NA
  enumerated(paste(x[[1]], "free rd"), a, rep(1, nrow(d)), difference(y))
  enumerated(paste(x[[1]], "blocks rd"), a, d$block, difference(y))
  z <- as.integer(d$status == 1 & d$time <= median(d$time))
  add(paste(x[[1]], "coin rd"), "p", p = as.numeric(pvalue(independence_test(z ~ factor(a), distribution = exact(algorithm = "split-up")))))
}
finish("randomisation_test")
