# Conditional power by rpact at the last but one look of a design, by formula elsewhere; predictive power by integrating it over the posterior of the drift.
source("tests/reference/rows.R")
suppressMessages(library(survival))
suppressMessages(library(rpact))
trials <- list(aids = list(read("aids", c("two", "three")), "three / two"), rossi = list(read("rossi", c("no_aid", "aid")), "aid / no_aid"), lung = list(read("lung", c("men", "women")), "women / men"))
for (name in names(trials)) {
  data <- trials[[name]][[1]]; contrast <- trials[[name]][[2]]
  fit <- coxph(Surv(time, status) ~ arm, data, control = coxph.control(eps = 1e-11, iter.max = 50))
  z <- -unname(coef(fit) / sqrt(diag(vcov(fit)))) # a lower hazard is better
  for (plan in c("fixed", "looks")) {
    planned <- if (plan == "fixed") 250 else 2 * fit$nevent
    t <- fit$nevent / planned
    if (plan == "fixed") { bound <- qnorm(0.975); drift <- qnorm(0.975) + qnorm(0.8) } else {
      d <- getDesignGroupSequential(kMax = 2, informationRates = c(0.5, 1), typeOfDesign = "asOF", beta = 0.2, tolerance = 1e-9)
      bound <- d$criticalValues[2]; drift <- sqrt(getDesignCharacteristics(d)$shift)
    }
    given <- function(drift) pnorm((bound - z * sqrt(t) - drift * (1 - t)) / sqrt(1 - t), lower.tail = FALSE)
    case <- paste(name, plan)
    assumed <- list(trend = z / sqrt(t), design = drift, null = 0)
    for (term in names(assumed)) {
      value <- given(assumed[[term]])
      if (plan == "looks") {
        result <- getStageResults(d, getDataset(cumEvents = fit$nevent, cumLogRanks = z), stage = 1)
        value <- getConditionalPower(result, nPlanned = planned - fit$nevent, thetaH1 = exp(2 * assumed[[term]] / sqrt(planned)))$conditionalPower[2]
      }
      add(case, "conditional_power", contrast = contrast, term = term, estimate = value, statistic = z)
    }
    predicted <- integrate(function(x) given(x) * dnorm(x, z / sqrt(t), 1 / sqrt(t)), z / sqrt(t) - 12 / sqrt(t), z / sqrt(t) + 12 / sqrt(t), rel.tol = 1e-12, subdivisions = 2000)$value
    add(case, "predictive_power", contrast = contrast, estimate = predicted)
  }
}
finish("conditional_power")
