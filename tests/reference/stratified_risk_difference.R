# Mantel-Haenszel over strata: mantelhaen.test for the odds ratio, its interval and the test; the others from their formulas (Sato 1989; Greenland and
# Robins 1985; Breslow and Day 1980 with the expected count found by uniroot). Strata without one of the arms say nothing.
source("tests/reference/binary_frames.R")
compare <- function(case, data, arm, reference) {
  k <- data[!is.na(data$outcome) & data$arm %in% c(arm, reference), ]
  t <- table(factor(k$arm, levels = c(arm, reference)), factor(k$outcome, levels = 1:0), k$stratum)
  t <- t[, , apply(t, 3, function(m) all(rowSums(m) > 0)), drop = FALSE]
  x1 <- t[1, 1, ]; n1 <- x1 + t[1, 2, ]; x0 <- t[2, 1, ]; n0 <- x0 + t[2, 2, ]; N <- n1 + n0; m <- x1 + x0
  w <- n1 * n0 / N
  rd <- sum((x1 / n1 - x0 / n0) * w) / sum(w)
  P <- (n1^2 * x0 - n0^2 * x1 + n1 * n0 * (n0 - n1) / 2) / N^2
  Q <- (x1 * (n0 - x0) + x0 * (n1 - x1)) / (2 * N)
  minus <- paste(arm, "-", reference); over <- paste(arm, "/", reference)
  row_of(case, "rd", minus, rd, sqrt(rd * sum(P) + sum(Q)) / sum(w))
  row_of(case, "rr", over, log(sum(x1 * n0 / N) / sum(x0 * n1 / N)), sqrt(sum((m * n1 * n0 - x1 * x0 * N) / N^2) / (sum(x1 * n0 / N) * sum(x0 * n1 / N))))
  test <- mantelhaen.test(t, correct = FALSE)
  add(case, "or", contrast = over, estimate = test$estimate, low = test$conf.int[1], high = test$conf.int[2])
  add(case, "chisq", contrast = minus, statistic = test$statistic, df = test$parameter, p = test$p.value)
  told <- m > 0 & m < N
  statistic <- sum(sapply(which(told), function(i) {
    psi <- test$estimate
    lo <- max(0, m[i] - n0[i]); hi <- min(n1[i], m[i])
    e <- uniroot(function(a) a * (n0[i] - m[i] + a) - psi * (n1[i] - a) * (m[i] - a), c(lo, hi), tol = 1e-14)$root
    (x1[i] - e)^2 * (1 / e + 1 / (m[i] - e) + 1 / (n1[i] - e) + 1 / (n0[i] - m[i] + e))
  }))
  add(case, "chisq", contrast = minus, term = "homogeneity", statistic = statistic, df = sum(told) - 1, p = pchisq(statistic, sum(told) - 1, lower.tail = FALSE))
}
for (case in names(frames)) for (arm in levels(frames[[case]]$arm)[-1]) compare(case, frames[[case]], arm, levels(frames[[case]]$arm)[1])
finish("stratified_risk_difference")
