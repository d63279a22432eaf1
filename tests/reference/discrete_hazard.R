# Where no visit is missed the model is glm with complementary log-log link (coefficients; its standard errors are those of the expected
# information, so they come from the Hessian); else the likelihood of (last visit without, first visit with] by optim and Newton steps.
source("tests/reference/rows.R")
library(survival)
imputed <- new.env()
sys.source("tests/reference/imputed.R", imputed)
seen <- function(name, arms) { d <- read(name, arms); d$upper <- ifelse(is.na(d$upper), Inf, d$upper); d }
places <- function(d) {
  days <- sort(unique(c(d$lower[d$lower > 0], d$upper[is.finite(d$upper)])))
  d$l <- findInterval(d$lower, days); d$u <- ifelse(is.finite(d$upper), findInterval(d$upper, days), 0); attr(d, "days") <- days
  d
}
# Intervals of each stratum side by side; those that nobody passed free have an infinite hazard, those without a possible event none.
likelihood <- function(d, x, stratum) {
  parts <- lapply(levels(stratum), function(s) { own <- stratum == s; days <- attr(places(d[own, ]), "days"); list(own = own, days = days) })
  low <- do.call(cbind, lapply(parts, function(p) outer(d$lower, p$days, ">=") * p$own))
  high <- do.call(cbind, lapply(parts, function(p) outer(ifelse(is.finite(d$upper), d$upper, -1), p$days, ">=") * p$own))
  within <- pmax(high - low, 0)
  sure <- colSums(low) == 0 & colSums(within) > 0
  certain <- rowSums(within[, sure, drop = FALSE]) > 0
  event <- rowSums(within) > 0 & !certain
  use <- !sure & colSums(within[event, , drop = FALSE]) > 0
  all_low <- low; all_within <- within
  repeat {   # a hazard that runs to 0 is left out, and the rest maximised again
  low <- all_low[, use, drop = FALSE]; within <- all_within[, use, drop = FALSE]
  k <- sum(use)
  f <- function(theta) {
    h <- exp(theta[1:k]); r <- exp(as.vector(x %*% theta[-(1:k)])); if (!ncol(x)) r <- rep(1, nrow(d))
    z <- as.vector(within %*% h) * r
    sum(as.vector(low %*% h) * r) - sum(log(-expm1(-z[event])))
  }
  g <- function(theta) {
    h <- exp(theta[1:k]); r <- exp(as.vector(x %*% theta[-(1:k)])); if (!ncol(x)) r <- rep(1, nrow(d))
    z <- as.vector(within %*% h) * r; q <- ifelse(event, 1 / expm1(z), 0)
    w <- (low - within * q) * r
    per <- t(t(w) * h)
    c(colSums(per), if (ncol(x)) as.vector(t(x) %*% rowSums(per)))
  }
  theta <- optim(c(rep(-2, k), rep(0, ncol(x))), f, g, method = "BFGS", control = list(reltol = 1e-15, maxit = 5000))$par
  gone <- theta[1:k] < -12
  if (!any(gone)) break
  use[which(use)[gone]] <- FALSE
  }
  for (i in 1:6) { H <- optimHess(theta, f, g, control = list(ndeps = rep(1e-5, length(theta)))); theta <- theta - solve(H, g(theta)) }
  list(theta = theta, V = solve(optimHess(theta, f, g, control = list(ndeps = rep(1e-5, length(theta))))), loglik = -f(theta), k = k, use = use, sure = sure)
}
ratios <- function(case, d, x, stratum, labels, glm_too = FALSE) {
  arms <- levels(d$arm)
  a <- sapply(arms[-1], function(arm) as.numeric(d$arm == arm)); x <- cbind(a, x)
  unit <- apply(x, 2, sd)   # steps of the numerical Hessian fit columns of spread 1
  m <- likelihood(d, t(t(x) / unit), stratum)
  b <- m$theta[-(1:m$k)] / unit; se <- sqrt(diag(m$V))[-(1:m$k)] / unit
  if (glm_too) {
    d <- places(d); lived <- d$l + (d$u > 0); i <- rep(seq_len(nrow(d)), lived); step <- sequence(lived)
    y <- as.numeric(step == lived[i] & d$u[i] > 0); cell <- interaction(stratum[i], step, drop = TRUE)
    mixed <- cell %in% names(which(tapply(y, cell, function(v) any(v == 1) && any(v == 0))))
    fit <- glm(y[mixed] ~ 0 + droplevels(cell[mixed]) + x[i[mixed], ], family = binomial("cloglog"), control = glm.control(epsilon = 1e-15, maxit = 100))
    for (j in seq_len(ncol(x))) add(paste(case, "glm"), "hr", contrast = if (j == 1) paste(arms[2], "/", arms[1]) else "", term = if (j == 1) "" else labels[j - 1],
                                    estimate = exp(tail(coef(fit), ncol(x))[j]))
  }
  for (j in seq_len(ncol(x))) {
    is_arm <- j <= length(arms) - 1
    add(case, "hr", contrast = if (is_arm) paste(arms[j + 1], "/", arms[1]) else "", term = if (is_arm) "" else labels[j - length(arms) + 1], estimate = exp(b[j]), se = se[j],
        low = exp(b[j] - z975 * se[j]), high = exp(b[j] + z975 * se[j]), p = 2 * pnorm(-abs(b[j] / se[j])))
  }
  null <- likelihood(d, t(t(x) / unit)[, -seq_len(length(arms) - 1), drop = FALSE], stratum)
  lr <- 2 * (m$loglik - null$loglik)
  add(case, "chisq", contrast = if (length(arms) == 2) paste(arms[2], "-", arms[1]) else "", term = "likelihood ratio", statistic = lr, df = length(arms) - 1, p = pchisq(lr, length(arms) - 1, lower.tail = FALSE))
}
# Incidence from the hazards of one arm and of deaths, deaths before the visit that ends their interval; its gradient numerically.
incidence <- function(case, data, times) {
  kept <- list()
  for (arm in levels(data$arm)) {
    d <- places(data[data$arm == arm, ]); days <- attr(d, "days"); n <- length(days)
    m <- likelihood(d, matrix(0, nrow(d), 0), factor(rep("a", nrow(d))))
    other <- spread <- numeric(n)
    if (!is.null(d$status)) {
      until <- pmax(d$time, d$lower); dead <- d$status == 2 & !is.finite(d$upper)
      dies <- ifelse(dead, pmax(findInterval(until, days, left.open = TRUE), d$l) + 1, Inf)
      last <- ifelse(is.finite(d$upper), d$u, ifelse(dead, pmin(dies, n), findInterval(until, days)))
      y <- sapply(1:n, function(j) sum(last >= j)); dd <- sapply(1:n, function(j) sum(dies == j))
      other <- ifelse(y > 0, dd / y, 0); spread <- ifelse(y > 0, other * (1 - other) / y, 0)
    }
    cif <- function(theta, other, t) {
      h <- numeric(n); h[m$sure] <- 1; h[m$use] <- 1 - exp(-exp(theta))
      s <- c(1, cumprod((1 - h) * (1 - other))[-n]); sum((s * (1 - other) * h)[days <= t])
    }
    step <- 1e-5
    for (t in times) {
      value <- cif(m$theta, other, t)
      g1 <- sapply(seq_along(m$theta), function(j) { e <- replace(0 * m$theta, j, step); (cif(m$theta + e, other, t) - cif(m$theta - e, other, t)) / (2 * step) })
      g2 <- sapply(1:n, function(j) { e <- replace(0 * other, j, step); (cif(m$theta, other + e, t) - cif(m$theta, other - e, t)) / (2 * step) })
      se <- sqrt(as.numeric(t(g1) %*% m$V %*% g1) + sum(g2^2 * spread))
      w <- z975 * se / (value * log(value)); limits <- sort(value^exp(c(-w, w)))
      add(case, "cif", arm = arm, time = t, estimate = value, se = se, low = limits[1], high = limits[2])
      kept[[paste(arm, t)]] <- c(value, se)
    }
  }
  arms <- levels(data$arm)
  for (arm in arms[-1]) for (t in times) {
    a <- kept[[paste(arm, t)]]; r <- kept[[paste(arms[1], t)]]; b <- a[1] - r[1]; se <- sqrt(a[2]^2 + r[2]^2)
    add(case, "cif_difference", contrast = paste(arm, "-", arms[1]), time = t, estimate = b, se = se, low = b - z975 * se, high = b + z975 * se, p = 2 * pnorm(-abs(b / se)))
  }
}
all <- function(d) factor(rep("a", nrow(d)))
aids <- seen("aids_visits", c("two", "three"))
ratios("aids", aids, cbind(aids$age), all(aids), "age"); incidence("aids", aids, c(90, 180, 330))
ratios("aids strata", aids, matrix(0, nrow(aids), 0), factor(aids$stratum), character())
mgus <- seen("mgus_visits", c("women", "men"))
ratios("mgus", mgus, cbind(mgus$age), all(mgus), "age"); incidence("mgus", mgus, c(48, 120, 240))
colon <- seen("colon_visits", c("none", "lev", "lev5fu"))
ratios("colon", colon, cbind(colon$age), factor(colon$stratum), "age"); incidence("colon", colon, c(1000, 2000))
gbsg <- seen("gbsg_visits", c("none", "hormones"))
ratios("gbsg", gbsg, cbind(gbsg$age, gbsg$nodes), factor(gbsg$stratum), c("age", "nodes"), TRUE)
# No visit missed, no deaths: the incidence is one minus Kaplan-Meier on the visits.
for (arm in levels(gbsg$arm)) {
  g <- gbsg[gbsg$arm == arm, ]
  f <- summary(survfit(Surv(ifelse(is.finite(upper), upper, lower + 0.5), is.finite(upper)) ~ 1, g), times = c(360, 1080, 1800))
  for (i in 1:3) add("gbsg", "cif", arm = arm, time = f$time[i], estimate = 1 - f$surv[i], se = f$std.err[i])
}
lung <- seen("lung_visits", c("men", "women"))
x <- with(imputed$d, cbind(age, meals, little_food, little_food_unknown, ecog == "none", ecog == "some"))
ratios("lung", lung, x, all(lung), c("age", "meals", "little_food", "little_food unknown", "ecog=none", "ecog=some"), TRUE)
finish("discrete_hazard")
