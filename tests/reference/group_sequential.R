# rpact on the looks of three trials: z from coxph (Efron ties), information = events. Bounds, chances of stopping, and p, estimate and interval after looks.
source("tests/reference/rows.R")
suppressMessages(library(survival))
suppressMessages(library(rpact))
trials <- list(
  aids = list(data = read("aids", c("two", "three")), contrast = "three / two"),
  rossi = list(data = read("rossi", c("no_aid", "aid")), contrast = "aid / no_aid"),
  lung = list(data = read("lung", c("men", "women")), contrast = "women / men"))
for (name in names(trials)) {
  fit <- coxph(Surv(time, status) ~ arm, trials[[name]]$data, control = coxph.control(eps = 1e-11, iter.max = 50))
  trials[[name]]$z <- unname(coef(fit) / sqrt(diag(vcov(fit))))
  trials[[name]]$b <- unname(coef(fit))
  trials[[name]]$events <- fit$nevent
}
types <- c(obrien_fleming = "asOF", pocock = "asP", power = "asKD", haybittle_peto = "HP", classic_obrien_fleming = "OF", classic_pocock = "P")
betas <- c(obrien_fleming = "bsOF", pocock = "bsP", power = "bsKD")
# Look 1 of a plan: the other looks are still ahead. No adjusted row.
first <- function(case, trial, spending, fractions, futility = "none", power = 0.9, rho = 3) {
  t <- trials[[trial]]; K <- length(fractions); planned <- t$events / fractions[1]
  arguments <- list(kMax = K, alpha = 0.025, sided = 1, informationRates = fractions, typeOfDesign = types[[spending]], beta = 1 - power, tolerance = 1e-9)
  if (spending == "power") arguments$gammaA <- rho
  if (spending == "haybittle_peto") arguments$constantBoundsHP <- 3
  if (futility != "none") { arguments$typeBetaSpending <- betas[[futility]]; arguments$bindingFutility <- FALSE; if (futility == "power") arguments$gammaB <- rho }
  d <- do.call(getDesignGroupSequential, arguments)
  shift <- sqrt(getDesignCharacteristics(d)$shift)
  low <- if (futility == "none") -d$criticalValues else pmax(c(d$futilityBounds, -Inf), -d$criticalValues)
  for (k in 1:K) {
    look <- paste("look", k)
    add(case, "information_fraction", contrast = t$contrast, term = look, estimate = fractions[k])
    add(case, "efficacy_bound", contrast = t$contrast, term = look, estimate = d$criticalValues[k])
    add(case, "nominal_p", contrast = t$contrast, term = look, estimate = d$stageLevels[k])
    add(case, "alpha_spent", contrast = t$contrast, term = look, estimate = d$alphaSpent[k])
    if (futility != "none" && k < K) add(case, "futility_bound", contrast = t$contrast, term = look, estimate = d$futilityBounds[k])
  }
  for (under in c("no effect", paste("power", power))) {
    theta <- if (under == "no effect") 0 else shift / sqrt(planned)
    if (futility == "none") {
      mean <- theta * sqrt(fractions * planned)
      chances <- getGroupSequentialProbabilities(rbind(low - mean, d$criticalValues - mean), fractions)
      up <- chances[3, ] - chances[2, ]; stop <- chances[1, ] + up
    } else {
      p <- getPowerAndAverageSampleNumber(d, theta = theta, nMax = planned)
      up <- p$rejectPerStage[, 1]; stop <- up + c(p$futilityPerStage[, 1], 0)
      add(case, "expected_information", contrast = t$contrast, term = under, estimate = p$averageSampleNumber)
    }
    stop[K] <- 1 - sum(stop[-K])
    if (futility == "none") add(case, "expected_information", contrast = t$contrast, term = under, estimate = sum(stop * fractions) * planned)
    for (k in 1:K) {
      add(case, "stopping_probability", contrast = t$contrast, term = paste("look", k, "under", under), estimate = stop[k])
      add(case, "efficacy_probability", contrast = t$contrast, term = paste("look", k, "under", under), estimate = up[k])
    }
  }
}
first("aids first", "aids", "obrien_fleming", c(0.5, 1), power = 0.8)
first("rossi first", "rossi", "pocock", c(0.3, 0.65, 1))
first("lung first", "lung", "power", c(0.25, 0.5, 0.75, 1), rho = 2)
first("aids futility", "aids", "obrien_fleming", c(0.3, 0.65, 1), "obrien_fleming", 0.8)
first("rossi futility", "rossi", "pocock", c(0.5, 1), "pocock")
first("lung futility", "lung", "power", c(0.4, 0.7, 1), "power", 0.85, 2.5)
first("aids haybittle", "aids", "haybittle_peto", c(0.5, 1))
first("rossi classic", "rossi", "classic_obrien_fleming", c(1/3, 2/3, 1))
first("lung classic", "lung", "classic_pocock", c(0.25, 0.5, 0.75, 1))
# The last look, after earlier ones at their actual information; what is left of alpha is spent (rpact: user-defined spending).
ended <- function(case, trial, earlier, zs, planned, spending, fractions) {
  t <- trials[[trial]]
  information <- c(earlier, t$events); rates <- information / planned; K <- length(information)
  z <- c(zs, t$z)
  if (spending == "classic_obrien_fleming") {
    constant <- getDesignGroupSequential(kMax = length(fractions), informationRates = fractions, typeOfDesign = "OF", tolerance = 1e-9)$criticalValues[length(fractions)]
    bound <- constant / sqrt(rates[-K])
    last <- uniroot(function(b) { p <- getGroupSequentialProbabilities(rbind(rep(-100, K), c(bound, b)), information / information[K]); sum(p[3, ] - p[2, ]) - 0.025 }, c(1, 4), tol = 1e-11)$root
    critical <- c(bound, last)
  } else {
    spent <- if (spending == "pocock") 0.025 * log(1 + (exp(1) - 1) * rates) else 2 * pnorm(qnorm(0.0125) / sqrt(rates))
    d <- getDesignGroupSequential(kMax = K, alpha = 0.025, sided = 1, informationRates = information / information[K], typeOfDesign = "asUser", userAlphaSpending = c(spent[-K], 0.025), tolerance = 1e-10)
    critical <- d$criticalValues
  }
  for (k in 1:K) add(case, "efficacy_bound", contrast = t$contrast, term = paste("look", k), estimate = critical[k])
  at <- c(which(abs(z) >= critical), K)[1]
  sign <- sign(z[at])
  tail <- function(drift) { # in units of the last z; the ordering on the side of the estimate
    mean <- drift * sqrt(information[1:at] / information[at])
    bounds <- c(critical[seq_len(at - 1)], abs(z[at]))
    if (at == 1) return(pnorm(bounds - mean, lower.tail = FALSE))
    if (at == 2) { # exactly, where rpact's own quadrature is good to 2e-9
      t <- information[1] / information[2]; u <- bounds[1] - mean[1]; v <- bounds[2] - mean[2]
      return(pnorm(u, lower.tail = FALSE) + integrate(function(x) dnorm(x) * pnorm((v - x * sqrt(t)) / sqrt(1 - t), lower.tail = FALSE), -12, u, rel.tol = 1e-13, abs.tol = 0, subdivisions = 5000)$value)
    }
    p <- getGroupSequentialProbabilities(rbind(rep(-100, at), bounds - mean), information[1:at] / information[at])
    sum(p[3, ] - p[2, ])
  }
  solve <- function(target) sign * uniroot(function(x) tail(x) - target, c(-4, 10), tol = 1e-11)$root
  unit <- t$b / t$z * sqrt(information[K] / information[at])
  limits <- sort(unit * c(solve(0.025), solve(0.975)))
  add(case, "hr", contrast = t$contrast, term = "adjusted for the looks", p = min(1, 2 * tail(0)), estimate = exp(unit * solve(0.5)), low = exp(limits[1]), high = exp(limits[2]))
  if (spending != "classic_obrien_fleming" && at == K && z[K] > 0) { # the same by rpact's own functions, which want z upwards
    data <- getDataset(cumEvents = information, cumLogRanks = z)
    result <- getStageResults(d, data)
    add(case, "hr", contrast = t$contrast, term = "adjusted for the looks", p = 2 * getFinalPValue(result)$pFinal)
  }
}
ended("aids under", "aids", c(40), c(-1.9), 110, "obrien_fleming", c(0.5, 1))
ended("aids over", "aids", c(35, 62), c(-0.5, -1.1), 80, "pocock", c(0.33, 0.67, 1))
ended("rossi under", "rossi", c(61), c(-1.2), 130, "classic_obrien_fleming", c(0.5, 1))
ended("rossi over", "rossi", c(30, 70), c(0.3, -0.9), 100, "obrien_fleming", c(0.25, 0.75, 1))
ended("lung under", "lung", c(90), c(-1.7), 200, "pocock", c(0.5, 1))
ended("lung stopped", "lung", c(60, 120), c(-1.0, -3.4), 180, "obrien_fleming", c(1/3, 2/3, 1))
# rpact's own final p, estimate and interval, for z as such (directions upwards): getDataset of a survival trial.
pure <- function(case, events, z, type) {
  K <- length(events)
  d <- getDesignGroupSequential(kMax = K, alpha = 0.025, sided = 1, informationRates = events / events[K], typeOfDesign = type, tolerance = 1e-9)
  result <- getStageResults(d, getDataset(cumEvents = events, cumLogRanks = z))
  interval <- getFinalConfidenceInterval(d, getDataset(cumEvents = events, cumLogRanks = z), tolerance = 1e-10)
  stage <- getFinalPValue(result)$finalStage
  scale <- sqrt(events[stage])
  for (k in 1:K) add(case, "efficacy_bound", term = paste("look", k), estimate = d$criticalValues[k])
  add(case, "z", p = 2 * getFinalPValue(result)$pFinal, estimate = interval$medianUnbiasedGeneral * scale, low = interval$finalConfidenceIntervalGeneral[1] * scale, high = interval$finalConfidenceIntervalGeneral[2] * scale)
}
pure("pure 1", c(50, 100), c(1.2, 2.3), "asOF")
pure("pure 2", c(30, 65, 100), c(0.4, 2.7, 2.8), "asP")
pure("pure 3", c(40, 80, 120, 150), c(0.9, 1.4, 1.9, 1.7), "OF")
finish("group_sequential")
