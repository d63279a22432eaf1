# Differences of survfit's curves, variances added.
source("tests/reference/rows.R")
library(survival)
differ <- function(case, data, times, status = "status", incidence = FALSE) {
  kept <- list()
  for (arm in levels(data$arm)) {
    d <- data[data$arm == arm, ]
    d$state <- if (incidence) factor(d[[status]], levels = 0:max(data[[status]])) else d$status
    s <- summary(survfit(Surv(time, state) ~ 1, d), times = times)
    for (i in seq_along(s$time)) kept[[paste(arm, s$time[i])]] <- if (incidence) c(s$pstate[i, 2], s$std.err[i, 2]) else c(s$surv[i], s$std.err[i])
  }
  for (arm in levels(data$arm)[-1]) for (t in times) {
    a <- kept[[paste(arm, t)]]; r <- kept[[paste(levels(data$arm)[1], t)]]
    b <- a[1] - r[1]; se <- sqrt(a[2]^2 + r[2]^2)
    add(case, if (incidence) "cif_difference" else "survival_difference", contrast = paste(arm, "-", levels(data$arm)[1]), time = t, estimate = b, se = se,
        low = b - z975 * se, high = b + z975 * se, statistic = b / se, p = 2 * pnorm(-abs(b / se)))
  }
}
differ("lung", read("lung", c("men", "women")), c(100, 365, 700))
differ("colon", read("colon", c("none", "lev", "lev5fu")), c(365, 1095, 2190))
differ("rossi", read("rossi", c("no_aid", "aid")), c(10, 26, 52))
differ("aids", read("aids", c("two", "three")), c(100, 250), "cause", TRUE)
differ("mgus", read("mgus", c("women", "men")), c(60, 240), "status", TRUE)
differ("transplants", read("transplants", c("marrow", "blood")), c(0.5, 1), "status", TRUE)
finish("survival_difference")
