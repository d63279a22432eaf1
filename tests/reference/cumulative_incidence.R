# survfit with a factor status is Aalen-Johansen; its standard error is the infinitesimal jackknife, equal to the delta method.
source("tests/reference/rows.R")
library(survival)
aj <- function(case, data, status, codes, times, reference) {
  data$state <- factor(data[[status]], levels = 0:max(codes))
  kept <- list()
  for (arm in levels(data$arm)) {
    f <- survfit(Surv(time, state) ~ 1, data[data$arm == arm, ], conf.type = "log-log")
    s <- summary(f, times = times)
    for (code in codes) for (i in seq_along(s$time)) {
      p <- s$pstate[i, code + 1]; se <- s$std.err[i, code + 1]
      at <- p > 0 && se > 0
      add(case, "cif", arm = arm, term = if (code == 1) "" else paste0("cause", code), time = s$time[i], estimate = p, se = se,
          low = if (at) s$lower[i, code + 1] else NA, high = if (at) s$upper[i, code + 1] else NA)
      kept[[paste(arm, code, s$time[i])]] <- c(p, se)
    }
    for (i in seq_along(s$time)) add(case, "at_risk", arm = arm, time = s$time[i], estimate = sum(data$time[data$arm == arm] >= s$time[i]))
  }
  for (arm in levels(data$arm)[-1]) for (code in codes) for (t in times) {
    a <- kept[[paste(arm, code, t)]]; r <- kept[[paste(levels(data$arm)[1], code, t)]]
    if (is.null(a) || is.null(r)) next
    b <- a[1] - r[1]; se <- sqrt(a[2]^2 + r[2]^2)
    if (se > 0) add(case, "rd", contrast = paste(arm, "-", levels(data$arm)[1]), term = if (code == 1) "" else paste0("cause", code), time = t, estimate = b, se = se,
        low = b - z975 * se, high = b + z975 * se, p = 2 * pnorm(-abs(b / se)))
  }
}
aj("aids", read("aids", c("two", "three")), "cause", 1:2, c(30, 100, 250, 340))
aj("transplants", read("transplants", c("marrow", "blood")), "status", 1:3, c(0.2, 0.5, 1, 3))
finish("cumulative_incidence")
