# Miettinen and Nurminen from the definition: the likelihood under a given difference maximised numerically, the limits by uniroot.
source("tests/reference/binary_frames.R")
mn <- function(x1, n1, x0, n0) {
  N <- n1 + n0
  seen <- x1 / n1 - x0 / n0
  xlogy <- function(x, y) if (x == 0) 0 else x * log(y)
  stat <- function(d) {
    loglik <- function(p0) xlogy(x1, p0 + d) + xlogy(n1 - x1, 1 - p0 - d) + xlogy(x0, p0) + xlogy(n0 - x0, 1 - p0)
    ends <- c(max(0, -d), min(1, 1 - d))
    slope <- function(p0) x1 / (p0 + d) - (n1 - x1) / (1 - p0 - d) + x0 / p0 - (n0 - x0) / (1 - p0)
    eps <- 1e-13
    left <- ends[1] + eps; right <- ends[2] - eps
    p0 <- if (slope(left) <= 0) ends[1] else if (slope(right) >= 0) ends[2] else uniroot(slope, c(left, right), tol = 1e-15)$root
    p1 <- p0 + d
    (seen - d) / sqrt((p1 * (1 - p1) / n1 + p0 * (1 - p0) / n0) * N / (N - 1))
  }
  step <- 1e-9
  low <- if (seen <= -1) -1 else uniroot(function(d) stat(d) - z975, c(-1 + step, seen - step), tol = 1e-13)$root
  high <- if (seen >= 1) 1 else uniroot(function(d) stat(d) + z975, c(seen + step, 1 - step), tol = 1e-13)$root
  c(low, high)
}
compare <- function(case, arm, reference, x1, n1, x0, n0) {
  minus <- paste(arm, "-", reference); over <- paste(arm, "/", reference)
  p1 <- x1 / n1; p0 <- x0 / n0; N <- n1 + n0; pooled <- (x1 + x0) / N
  score <- (p1 - p0) / sqrt(pooled * (1 - pooled) * (1 / n1 + 1 / n0) * N / (N - 1))
  limits <- mn(x1, n1, x0, n0)
  se <- sqrt(p1 * (1 - p1) / n1 + p0 * (1 - p0) / n0)
  add(paste0(case, " mn"), "rd", contrast = minus, estimate = p1 - p0, se = se, low = limits[1], high = limits[2], p = 2 * pnorm(-abs(score)), n = N, events = x1 + x0)
  w1 <- suppressWarnings(prop.test(x1, n1, correct = FALSE))$conf.int; w0 <- suppressWarnings(prop.test(x0, n0, correct = FALSE))$conf.int
  add(paste0(case, " newcombe"), "rd", contrast = minus, low = p1 - p0 - sqrt((p1 - w1[1])^2 + (w0[2] - p0)^2), high = p1 - p0 + sqrt((w1[2] - p1)^2 + (p0 - w0[1])^2))
  if (se > 0) add(paste0(case, " wald"), "rd", contrast = minus, low = p1 - p0 - z975 * se, high = p1 - p0 + z975 * se, p = 2 * pnorm(-abs(p1 - p0) / se))
  if (x1 > 0 && x0 > 0) {
    s <- sqrt(1 / x1 - 1 / n1 + 1 / x0 - 1 / n0)
    add(paste0(case, " mn"), "rr", contrast = over, estimate = p1 / p0, se = s, low = p1 / p0 * exp(-z975 * s), high = p1 / p0 * exp(z975 * s))
    if (x1 < n1 && x0 < n0) {
      s <- sqrt(1 / x1 + 1 / (n1 - x1) + 1 / x0 + 1 / (n0 - x0)); o <- p1 / (1 - p1) / (p0 / (1 - p0))
      add(paste0(case, " mn"), "or", contrast = over, estimate = o, se = s, low = o * exp(-z975 * s), high = o * exp(z975 * s), p = 2 * pnorm(-abs(log(o)) / s))
    }
  }
  m <- matrix(c(x1, n1 - x1, x0, n0 - x0), 2)
  if (pooled > 0 && pooled < 1) {
    t <- suppressWarnings(chisq.test(m, correct = FALSE))
    add(paste0(case, " mn"), "chisq", contrast = minus, statistic = t$statistic, df = t$parameter, p = t$p.value)
  }
  add(paste0(case, " mn"), "p", contrast = minus, p = fisher.test(m)$p.value)
}
d <- read("actg175", c("zdv", "zdv_ddi", "zdv_zal", "ddi"))
tab <- function(arm) { y <- d$outcome[d$arm == arm]; c(sum(y, na.rm = TRUE), sum(!is.na(y))) }
for (arm in levels(d$arm)[-1]) { a <- tab(arm); r <- tab("zdv"); compare("actg175", arm, "zdv", a[1], a[2], r[1], r[2]) }
for (case in c("aids", "rossi", "lung", "robincar")) {
  k <- frames[[case]]; reference <- levels(k$arm)[1]
  tab <- function(arm) { y <- k$outcome[k$arm == arm]; c(sum(y, na.rm = TRUE), sum(!is.na(y))) }
  for (arm in levels(k$arm)[-1]) { a <- tab(arm); r <- tab(reference); compare(case, arm, reference, a[1], a[2], r[1], r[2]) }
}
small <- list(c(0, 20, 0, 20), c(20, 20, 18, 20), c(9, 10, 3, 10), c(6, 7, 2, 7), c(56, 70, 48, 80), c(0, 5, 5, 5), c(1, 30, 0, 70), c(155, 202, 117, 209))
for (x in small) compare(paste(x, collapse = " "), "one", "zero", x[1], x[2], x[3], x[4])
finish("risk_difference")
