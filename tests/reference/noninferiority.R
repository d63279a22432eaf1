# One-sided p at the margin: the score test of Miettinen and Nurminen for a crude risk difference, Wald elsewhere (log scale for ratios).
source("tests/reference/binary_frames.R")
library(survival)
score <- function(x1, n1, x0, n0, d) {
  slope <- function(p0) x1 / (p0 + d) - (n1 - x1) / (1 - p0 - d) + x0 / p0 - (n0 - x0) / (1 - p0)
  ends <- c(max(0, -d), min(1, 1 - d)) + c(1, -1) * 1e-13
  p0 <- uniroot(slope, ends, tol = 1e-15)$root; p1 <- p0 + d; N <- n1 + n0
  (x1 / n1 - x0 / n0 - d) / sqrt((p1 * (1 - p1) / n1 + p0 * (1 - p0) / n0) * N / (N - 1))
}
verdict <- function(case, contrast, z, higher) add(case, "noninferiority", contrast = contrast, statistic = z, p = pnorm(z, lower.tail = !higher), sides = 1)
counts <- function(d) sapply(levels(d$arm), function(a) { y <- d$outcome[d$arm == a]; c(sum(y, na.rm = TRUE), sum(!is.na(y))) })
crude <- function(case, d, margin, higher) {
  n <- counts(d); r <- colnames(n)[1]
  for (arm in colnames(n)[-1]) verdict(paste(case, "rd"), paste(arm, "-", r), score(n[1, arm], n[2, arm], n[1, r], n[2, r], margin), higher)
}
ratio <- function(case, d, margin, higher) {
  n <- counts(d); r <- colnames(n)[1]
  for (arm in colnames(n)[-1])
    verdict(paste(case, "rr"), paste(arm, "/", r), (log(n[1, arm] / n[2, arm] / (n[1, r] / n[2, r])) - log(margin)) / sqrt(1 / n[1, arm] - 1 / n[2, arm] + 1 / n[1, r] - 1 / n[2, r]), higher)
}
crude("actg175", actg, -0.1, TRUE); crude("aids", aids, 0.03, FALSE); crude("rossi", rossi, 0.05, FALSE); crude("lung", lung, -0.1, TRUE)
ratio("actg175", actg, 0.9, TRUE); ratio("aids", aids, 1.25, FALSE); ratio("rossi", rossi, 1.1, FALSE)
hazard <- function(case, formula, d, margin, contrast) { f <- coxph(formula, d, control = coxph.control(eps = 1e-11, iter.max = 50)); verdict(paste(case, "hr"), contrast, (coef(f)[1] - log(margin)) / sqrt(vcov(f)[1, 1]), FALSE) }
hazard("aids", Surv(time, status) ~ arm + strata(stratum), aids, 1.25, "three / two")
hazard("rossi", Surv(time, status) ~ arm, rossi, 1.1, "aid / no_aid")
hazard("lung", Surv(time, status) ~ arm, lung, 1, "women / men")
t <- lm(cd4 ~ arm + age, aids)
s <- (coef(t)[[2]] + 10) / sqrt(vcov(t)[2, 2])
add("aids mean", "noninferiority", contrast = "three - two", statistic = s, p = pt(s, t$df.residual, lower.tail = FALSE), df = t$df.residual)
finish("noninferiority")
