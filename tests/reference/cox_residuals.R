# Schoenfeld and scaled Schoenfeld residuals summed by event time, their squares, and the baseline hazard at covariates of zero.
source("tests/reference/rows.R")
library(survival)
tight <- coxph.control(eps = 1e-13, toler.chol = 1e-14, iter.max = 60)
said <- function(case, f) {
  for (type in c("schoenfeld", "scaledsch")) {
    r <- as.matrix(residuals(f, type)); colnames(r) <- names(coef(f)); days <- as.numeric(sub(".*=", "", rownames(r)))
    for (column in colnames(r)) {
      by_day <- tapply(r[, column], days, sum)
      for (day in names(by_day)[seq(1, length(by_day), 5)]) add(case, type, term = column, time = day, estimate = by_day[[day]])
      add(case, type, term = column, time = "all", estimate = sum(r[, column]^2))
    }
  }
  base <- basehaz(f, centered = FALSE); if (is.null(base$strata)) base$strata <- ""
  for (s in unique(base$strata)) add(case, "hazard", term = sub(".*=", "", s), estimate = tail(base$hazard[base$strata == s], 1))
}
rossi <- read("rossi", c("no_aid", "aid"))
said("rossi", coxph(Surv(time, status) ~ age + prio, rossi, control = tight))
said("rossi breslow", coxph(Surv(time, status) ~ age + prio, rossi, ties = "breslow", control = tight))
heart <- read.csv("tests/reference/data/heart.csv")
said("heart", coxph(Surv(entry, time, status) ~ age + transplant, heart, control = tight))
gbsg <- read("gbsg", c("none", "hormones"))
said("gbsg", coxph(Surv(time, status) ~ age + nodes + strata(stratum), gbsg, control = tight))
finish("cox_residuals")
