# VanderWeele and Ding 2017, table 2, on crude tables and a Cox model.
source("tests/reference/rows.R")
suppressMessages(library(survival))
e <- function(rr) { rr <- ifelse(rr < 1, 1 / rr, rr); rr + sqrt(rr * (rr - 1)) }
write <- function(case, contrast, estimate, low, high) {
  near <- if (low <= 1 && high >= 1) 1 else if (estimate > 1) low else high
  add(case, "e_value", contrast = contrast, estimate = e(estimate), low = e(near))
}
crude <- function(name, arms, y, arm) {
  n1 <- sum(!is.na(y) & arm == arms[2]); n0 <- sum(!is.na(y) & arm == arms[1]); x1 <- sum(y[arm == arms[2]], na.rm = TRUE); x0 <- sum(y[arm == arms[1]], na.rm = TRUE)
  p1 <- x1 / n1; p0 <- x0 / n0; over <- paste(arms[2], "/", arms[1]); minus <- paste(arms[2], "-", arms[1])
  s <- sqrt(1 / x1 - 1 / n1 + 1 / x0 - 1 / n0); rr <- p1 / p0 * exp(c(0, -1, 1) * z975 * s); write(paste(name, "rr"), over, rr[1], rr[2], rr[3])
  s <- sqrt(1 / x1 + 1 / (n1 - x1) + 1 / x0 + 1 / (n0 - x0)); or <- p1 / (1 - p1) / (p0 / (1 - p0)) * exp(c(0, -1, 1) * z975 * s)
  write(paste(name, "or rare"), over, or[1], or[2], or[3]); write(paste(name, "or common"), over, sqrt(or[1]), sqrt(or[2]), sqrt(or[3]))
  rd <- p1 - p0 + c(0, -1, 1) * z975 * sqrt(p1 * (1 - p1) / n1 + p0 * (1 - p0) / n0); r <- (p0 + rd) / p0; write(paste(name, "rd"), minus, r[1], r[2], r[3])
}
actg <- read("actg175", c("zdv", "zdv_ddi", "zdv_zal", "ddi")); crude("actg175", c("zdv", "ddi"), actg$outcome, actg$arm)
rossi <- read("rossi", c("no_aid", "aid")); crude("rossi", c("no_aid", "aid"), rossi$status, rossi$arm)
lung <- read("lung", c("men", "women")); crude("lung", c("men", "women"), lung$status, lung$arm)
for (x in list(list("rossi", rossi, "aid / no_aid"), list("lung", lung, "women / men"), list("aids", read("aids", c("two", "three")), "three / two"))) {
  fit <- coxph(Surv(time, status) ~ arm, x[[2]], control = coxph.control(eps = 1e-11, iter.max = 50)); hr <- unname(exp(coef(fit) + c(0, -1, 1) * z975 * sqrt(vcov(fit)[1, 1])))
  write(paste(x[[1]], "hr rare"), x[[3]], hr[1], hr[2], hr[3])
  r <- (1 - 0.5^sqrt(hr)) / (1 - 0.5^sqrt(1 / hr)); write(paste(x[[1]], "hr common"), x[[3]], r[1], r[2], r[3])
}
finish("e_value")
