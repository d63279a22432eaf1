source("tests/reference/rows.R")
library(survival)
km <- function(case, data, times) for (arm in levels(data$arm)) {
  d <- data[data$arm == arm, ]
  f <- survfit(Surv(time, status) ~ 1, d, conf.type = "log-log")
  s <- summary(f, times = times)
  for (i in seq_along(s$time)) {
    at <- s$surv[i] > 0 && s$surv[i] < 1
    add(case, "survival", arm = arm, time = s$time[i], estimate = s$surv[i], se = s$std.err[i], low = if (at) s$lower[i] else NA, high = if (at) s$upper[i] else NA)
    add(case, "at_risk", arm = arm, time = s$time[i], estimate = s$n.risk[i])
    add(case, "events", arm = arm, time = s$time[i], estimate = sum(d$status[d$time <= s$time[i]]))
    add(case, "censored", arm = arm, time = s$time[i], estimate = sum(1 - d$status[d$time <= s$time[i]]))
  }
  q <- quantile(f, 0.5)
  add(case, "median", arm = arm, estimate = q$quantile, low = q$lower, high = q$upper)
}
km("lung", read("lung", c("men", "women")), c(0, 100, 310, 365, 700, 900))
km("rossi", read("rossi", c("no_aid", "aid")), c(10, 26, 52))
# A curve that lies on one half between two events, everyone dying in the end.
tiny <- data.frame(arm = factor("a"), time = c(1, 2, 3, 4, 6, 7, 8, 9), status = c(1, 1, 1, 1, 1, 1, 1, 1))
km("tiny", tiny, c(4, 5, 8, 9))
finish("kaplan_meier")
