# Reverse Kaplan-Meier is survfit on the reversed flag; person-time and its expectation are sums.
source("tests/reference/rows.R")
library(survival)
fu <- function(case, data, horizon, entry = 0) for (arm in levels(data$arm)) {
  d <- data[data$arm == arm, ]
  d$entry <- if (is.character(entry)) d[[entry]] else entry
  d <- d[d$time > d$entry, ]
  s <- if (is.character(entry)) Surv(d$entry, d$time, d$status == 0) else Surv(d$time, d$status == 0)
  q <- quantile(survfit(s ~ 1, conf.type = "log-log"), 0.5)
  add(case, "median", arm = arm, estimate = q$quantile, low = q$lower, high = q$upper)
  observed <- sum(d$time - d$entry)
  expected <- sum(ifelse(d$status > 0, d$time, pmax(d$time, horizon)) - d$entry)
  add(case, "person_years", arm = arm, term = "observed", estimate = observed / 365.25)
  add(case, "person_years", arm = arm, term = "expected", estimate = expected / 365.25)
  add(case, "completeness", arm = arm, estimate = observed / expected)
}
fu("lung", read("lung", c("men", "women")), 900)
fu("colon", read("colon", c("none", "lev", "lev5fu")), 2500)
fu("mgus", read("mgus", c("women", "men")), 300)
late <- read("rossi", c("no_aid", "aid"))
late$entry <- (late$age + 2 * late$prio) %% 9
fu("rossi late", late, 52, "entry")
finish("followup")
