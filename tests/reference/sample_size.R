# Two proportions and the log-rank test: rpact, power.prop.test, formulas. `exact` is not rounded.
source("tests/reference/rows.R")
suppressMessages(library(rpact))
two <- function(case, p1, p0, power, ratio = 1, margin = 0)
  add(case, "people", estimate = getSampleSizeRates(groups = 2, pi1 = p1, pi2 = p0, thetaH0 = margin, alpha = 0.025, beta = 1 - power, sided = 1, allocationRatioPlanned = ratio)$nFixed2)
two("0.77 0.56 0.8 1 0", 0.77, 0.56, 0.8)
two("0.85 0.7 0.8 1 0", 0.85, 0.70, 0.8)
two("0.8 0.65 0.9 1 0", 0.80, 0.65, 0.9)
two("0.8 0.65 0.9 2 0", 0.80, 0.65, 0.9, ratio = 2)
two("0.3 0.45 0.8 0.5 0", 0.30, 0.45, 0.8, ratio = 0.5)
two("0.8 0.8 0.8 1 -0.1", 0.80, 0.80, 0.8, margin = -0.1)
two("0.75 0.7 0.9 2 -0.1", 0.75, 0.70, 0.9, ratio = 2, margin = -0.1)
# power.prop.test is without strict the same formula, for equal arms.
add("plain", "people", estimate = power.prop.test(p1 = 0.77, p2 = 0.56, power = 0.8, tol = 1e-12)$n)
add("power", "power", estimate = power.prop.test(n = 64.5, p1 = 0.77, p2 = 0.56)$power)
# Continuity correction (Fleiss, Levin and Paik 2003, equation 4.19).
for (r in c(1, 2, 0.5)) {
  p1 <- 0.77; p0 <- 0.56; pooled <- (r * p1 + p0) / (1 + r)
  n <- (qnorm(0.975) * sqrt((1 + 1 / r) * pooled * (1 - pooled)) + qnorm(0.8) * sqrt(p1 * (1 - p1) / r + p0 * (1 - p0)))^2 / (p1 - p0)^2
  add(paste("continuity", r), "people", estimate = n / 4 * (1 + sqrt(1 + 2 * (r + 1) / (n * r * (p1 - p0))))^2)
}
survival <- function(case, hr, power, ratio = 1, margin = 1, type = "Schoenfeld")
  add(case, "events", estimate = getSampleSizeSurvival(hazardRatio = hr, thetaH0 = margin, lambda2 = 0.02, eventTime = 12, accrualTime = 12, followUpTime = 12, alpha = 0.025, beta = 1 - power,
                                                       allocationRatioPlanned = ratio, typeOfComputation = type)$eventsFixed)
for (hr in c(0.5, 0.6, 0.65, 0.7, 0.71)) survival(paste("schoenfeld", hr, "0.8 1 1"), hr, 0.8)
survival("schoenfeld 0.71 0.9 2 1", 0.71, 0.9, 2)
survival("schoenfeld 1 0.8 1 1.3", 1, 0.8, 1, 1.3)
survival("schoenfeld 0.9 0.9 0.5 1.25", 0.9, 0.9, 0.5, 1.25)
survival("freedman 0.71 0.8 1 1", 0.71, 0.8, type = "Freedman")
survival("freedman 0.6 0.9 2 1", 0.6, 0.9, 2, type = "Freedman")
survival("freedman 1.5 0.8 0.5 1", 1.5, 0.8, 0.5, type = "Freedman")
finish("sample_size")
