# Extremes of the missing outcomes: tables from the definition, score interval with the likelihood maximised numerically, Wald ratios.
source("tests/reference/rows.R")
mn <- function(x1, n1, x0, n0) {
  N <- n1 + n0; seen <- x1 / n1 - x0 / n0; xlogy <- function(x, y) if (x == 0) 0 else x * log(y)
  stat <- function(d) {
    f <- function(p) xlogy(x1, p + d) + xlogy(n1 - x1, 1 - p - d) + xlogy(x0, p) + xlogy(n0 - x0, 1 - p)
    slope <- function(p) x1 / (p + d) - (n1 - x1) / (1 - p - d) + x0 / p - (n0 - x0) / (1 - p)
    l <- max(0, -d) + 1e-13; r <- min(1, 1 - d) - 1e-13
    p <- if (slope(l) <= 0) max(0, -d) else if (slope(r) >= 0) min(1, 1 - d) else uniroot(slope, c(l, r), tol = 1e-15)$root
    (seen - d) / sqrt(((p + d) * (1 - p - d) / n1 + p * (1 - p) / n0) * N / (N - 1))
  }
  c(if (seen <= -1) -1 else uniroot(function(d) stat(d) - z975, c(-1 + 1e-9, seen - 1e-9), tol = 1e-13)$root,
    if (seen >= 1) 1 else uniroot(function(d) stat(d) + z975, c(seen + 1e-9, 1 - 1e-9), tol = 1e-13)$root)
}
compare <- function(case, term, arm, reference, x1, n1, x0, n0) {
  p1 <- x1 / n1; p0 <- x0 / n0; N <- n1 + n0; q <- (x1 + x0) / N; limits <- mn(x1, n1, x0, n0)
  z <- (p1 - p0) / sqrt(q * (1 - q) * (1 / n1 + 1 / n0) * N / (N - 1))
  add(case, "rd", contrast = paste(arm, "-", reference), term = term, estimate = p1 - p0, se = sqrt(p1 * (1 - p1) / n1 + p0 * (1 - p0) / n0), low = limits[1], high = limits[2],
      p = 2 * pnorm(-abs(z)), n = N, events = x1 + x0)
  if (x1 > 0 && x0 > 0) { s <- sqrt(1 / x1 - 1 / n1 + 1 / x0 - 1 / n0)
    add(case, "rr", contrast = paste(arm, "/", reference), term = term, estimate = p1 / p0, se = s, low = p1 / p0 * exp(-z975 * s), high = p1 / p0 * exp(z975 * s)) }
}
extremes <- function(case, d) {
  arms <- levels(d$arm); known <- tapply(!is.na(d$outcome), d$arm, sum); x <- tapply(d$outcome, d$arm, sum, na.rm = TRUE); lost <- tapply(is.na(d$outcome), d$arm, sum)
  for (a in arms[-1]) { r <- arms[1]
    for (s in list(c("best_worst", 1, 0), c("worst_best", 0, 1), c("all_failure", 0, 0), c("all_success", 1, 1)))
      compare(case, s[1], a, r, x[a] + lost[a] * as.numeric(s[2]), known[a] + lost[a], x[r] + lost[r] * as.numeric(s[3]), known[r] + lost[r]) }
}
by <- function(d, day) { d$outcome <- ifelse(d$time > day | d$status == 1, as.numeric(d$time <= day), NA); d }
# tipping_counts.R takes the functions from here.
if (!exists("functions_only")) {
  extremes("actg175", read("actg175", c("zdv", "zdv_ddi", "zdv_zal", "ddi")))
  extremes("lung", by(read("lung", c("men", "women")), 300))
  extremes("aids", by(read("aids", c("two", "three")), 200))
  finish("best_worst")
}
