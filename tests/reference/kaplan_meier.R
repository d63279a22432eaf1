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
km("gbsg", read("gbsg", c("none", "hormones")), c(365, 1095, 1825, 2500))
# Delayed entry: who leaves no later than they enter is left out; at risk from the day after the entry.
km_late <- function(case, data, times) for (arm in levels(data$arm)) {
  d <- data[data$arm == arm & data$time > data$entry, ]
  f <- survfit(Surv(entry, time, status) ~ 1, d, conf.type = "log-log")
  s <- summary(f, times = times)
  for (i in seq_along(s$time)) {
    at <- s$surv[i] > 0 && s$surv[i] < 1
    add(case, "survival", arm = arm, time = s$time[i], estimate = s$surv[i], se = s$std.err[i], low = if (at) s$lower[i] else NA, high = if (at) s$upper[i] else NA)
    add(case, "at_risk", arm = arm, time = s$time[i], estimate = sum(d$entry < s$time[i] & d$time >= s$time[i]))
    add(case, "events", arm = arm, time = s$time[i], estimate = sum(d$status[d$time <= s$time[i]]))
  }
  q <- quantile(f, 0.5)
  add(case, "median", arm = arm, estimate = q$quantile, low = q$lower, high = q$upper)
}
late <- read("rossi", c("no_aid", "aid"))
late$entry <- (late$age + 2 * late$prio) %% 9
km_late("rossi late", late, c(5, 26, 52))
# Waiting for a heart is one arm, having it the other: entry on the day of the transplant.
heart <- read.csv("tests/reference/data/heart.csv")
heart$arm <- factor(ifelse(heart$transplant == 1, "with", "without"), levels = c("without", "with"))
km_late("heart", heart, c(50, 200, 700))
finish("kaplan_meier")
