# Two-stage least squares by its matrix formula with HC0; Anderson-Rubin limits by uniroot on the HC0 test of the arm in lm(y - b d ~ arm + ...).
# Sommer and Zeger (Statistics in Medicine 1991;10:45-52): vitamin A in Aceh, deaths among 23,682 children.
source("tests/reference/binary_frames.R")
library(sandwich)
block <- function(arm, received, n, deaths) data.frame(arm, received, outcome = rep(1:0, c(deaths, n - deaths)))
vitamin <- rbind(block("control", 0, 11588, 74), block("vitamin", 1, 9675, 12), block("vitamin", 0, 2419, 34))
vitamin$arm <- factor(vitamin$arm)
complier <- function(case, data, covariates, arm, reference) {
  k <- data[!is.na(data$outcome) & data$arm %in% c(arm, reference), ]
  k$z <- as.numeric(k$arm == arm)
  right <- paste(c("z", covariates), collapse = " + ")
  stage <- function(y) { k$left <- y; f <- lm(as.formula(paste("left ~", right)), k); c(coef(f)[["z"]], sqrt(vcovHC(f, type = "HC0")["z", "z"])) }
  minus <- paste(arm, "-", reference)
  one <- stage(k$received); itt <- stage(k$outcome)
  row_of(case, "rd", minus, one[1], one[2], term = "received")
  row_of(case, "rd", minus, itt[1], itt[2], term = "as randomised")
  Z <- model.matrix(as.formula(paste("~", right)), k); X <- Z; X[, "z"] <- k$received
  A <- solve(crossprod(Z, X)); b <- A %*% crossprod(Z, k$outcome)
  se <- sqrt((A %*% crossprod(Z * drop(k$outcome - X %*% b)) %*% t(A))[2, 2])
  row_of(case, "cace", minus, b[2], se, term = "two-stage least squares")
  gap <- function(beta) { s <- stage(k$outcome - beta * k$received); abs(s[1] / s[2]) - z975 }
  limit <- function(sign) { w <- se; while (gap(b[2] + sign * w) < 0) w <- w * 1.5; uniroot(gap, sort(c(b[2], b[2] + sign * w)), tol = 1e-15)$root }
  add(case, "cace", contrast = minus, estimate = b[2], se = se, low = limit(-1), high = limit(1), p = 2 * pnorm(-abs(itt[1] / itt[2])))
}
complier("vitamin", vitamin, NULL, "vitamin", "control")
for (arm in levels(actg$arm)[-1]) complier("actg175", actg, c("age", "cd40", "stratum"), arm, "zdv")
complier("aids", aids, NULL, "three", "two")
complier("lung", lung, c("age", "meals"), "women", "men")
finish("cace")
