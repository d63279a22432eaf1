# Predictions with everyone in each arm; the delta method with the derivatives written out, on vcov(glm), vcovHC(type = "HC0") or vcovCL.
# Ye et al. 2023 from the formula, after it has met the numbers that RobinCar2 prints for its example data (snapshots of its tests).
source("tests/reference/binary_frames.R")
library(sandwich)
standardise <- function(case, formula, data, covariance = vcov) {
  f <- glm(formula, binomial, data, control = tight)
  analysed <- data[!is.na(data$outcome), ]
  arms <- levels(data$arm)
  V <- covariance(f)
  at <- function(arm) {
    moved <- analysed; moved$arm <- factor(arm, levels = arms)
    X <- model.matrix(delete.response(terms(f)), moved)
    p <- plogis(drop(X %*% coef(f)))
    list(p = mean(p), g = colMeans(p * (1 - p) * X))
  }
  se <- function(g) sqrt(drop(t(g) %*% V %*% g))
  r <- at(arms[1])
  for (arm in arms) {
    a <- at(arm)
    half <- z975 * se(a$g) / (a$p * (1 - a$p))
    add(case, "proportion", arm = arm, estimate = a$p, se = se(a$g), low = plogis(qlogis(a$p) - half), high = plogis(qlogis(a$p) + half))
    if (arm == arms[1]) next
    s <- se(a$g - r$g); b <- a$p - r$p
    add(case, "rd", contrast = paste(arm, "-", arms[1]), estimate = b, se = s, low = b - z975 * s, high = b + z975 * s, p = 2 * pnorm(-abs(b / s)))
    s <- se(a$g / a$p - r$g / r$p); b <- log(a$p / r$p)
    add(case, "rr", contrast = paste(arm, "/", arms[1]), estimate = exp(b), se = s, low = exp(b - z975 * s), high = exp(b + z975 * s), p = 2 * pnorm(-abs(b / s)))
    s <- se(a$g / (a$p * (1 - a$p)) - r$g / (r$p * (1 - r$p))); b <- qlogis(a$p) - qlogis(r$p)
    add(case, "or", contrast = paste(arm, "/", arms[1]), estimate = exp(b), se = s, low = exp(b - z975 * s), high = exp(b + z975 * s), p = 2 * pnorm(-abs(b / s)))
  }
}
standardise("crude", outcome ~ arm, actg)
standardise("adjusted", outcome ~ arm + age + cd40 + gender + stratum, actg)
standardise("imputed", outcome ~ arm + age + meals + little_food + little_food_unknown + ecog, d)
hc0 <- function(f) vcovHC(f, type = "HC0")
standardise("actg175 hc0", outcome ~ arm + age + cd40 + gender + stratum, actg, hc0)
standardise("lung hc0", outcome ~ arm + age + meals + little_food + little_food_unknown + ecog, d, hc0)
standardise("lung clustered", outcome ~ arm + age + ecog, d, function(f) vcovCL(f, cluster = d$centre[!is.na(d$outcome)], type = "HC0"))
standardise("rossi hc0", outcome ~ arm + age + prio + stratum, rossi, hc0)
standardise("aids", outcome ~ arm + age + cd4 + stratum, aids)

ye <- function(formula, data, blocked) {
  k <- data[!is.na(data$outcome), ]; arms <- levels(k$arm); a <- as.integer(k$arm); y <- k$outcome
  f <- glm(formula, binomial, k, control = tight)
  mu <- sapply(arms, function(one) { moved <- k; moved$arm <- factor(one, levels = arms); predict(f, moved, type = "response") })
  share <- as.numeric(table(k$arm)) / nrow(k)
  V <- matrix(0, length(arms), length(arms))
  for (i in seq_along(arms)) for (j in seq_along(arms)) {
    V[i, j] <- cov(y[a == i], mu[a == i, j]) + cov(y[a == j], mu[a == j, i]) - cov(mu[, i], mu[, j])
    if (i == j) V[i, i] <- V[i, i] + (var(y[a == i]) - 2 * cov(y[a == i], mu[a == i, i]) + var(mu[, i])) / share[i]
  }
  residual <- y - mu[cbind(seq_along(y), a)]
  if (blocked) for (z in unique(k$stratum)) {
    if (any(table(k$arm[k$stratum == z]) == 0)) next
    r <- tapply(residual[k$stratum == z], k$arm[k$stratum == z], mean) / share
    V <- V - mean(k$stratum == z) * outer(r, r) * (diag(share) - outer(share, share))
  }
  list(p = colMeans(mu), V = V / nrow(k))
}
printed <- ye(outcome ~ arm * s1 + covar, transform(robincar, stratum = s1), TRUE)
stopifnot(abs(printed$p - c(0.3560965, 0.5806957, 0.6213865)) < 1e-7,
          abs(printed$V - matrix(c(1.128902e-03, 1.856234e-05, 1.333885e-05, 1.856234e-05, 1.184599e-03, 2.178112e-05, 1.333885e-05, 2.178112e-05, 1.157268e-03), 3)) < 5e-10)
robust <- function(case, formula, data, blocked) {
  o <- ye(formula, data, blocked); arms <- levels(data$arm)
  for (i in seq_along(arms)) {
    s <- sqrt(o$V[i, i]); p <- o$p[[i]]; half <- z975 * s / (p * (1 - p))
    add(case, "proportion", arm = arms[i], estimate = p, se = s, low = plogis(qlogis(p) - half), high = plogis(qlogis(p) + half))
    if (i == 1) next
    r <- o$p[[1]]; W <- o$V[c(i, 1), c(i, 1)]
    se <- function(g) sqrt(drop(t(g) %*% W %*% g))
    row_of(case, "rd", paste(arms[i], "-", arms[1]), p - r, se(c(1, -1)))
    row_of(case, "rr", paste(arms[i], "/", arms[1]), log(p / r), se(c(1 / p, -1 / r)))
    row_of(case, "or", paste(arms[i], "/", arms[1]), qlogis(p) - qlogis(r), se(c(1 / (p * (1 - p)), -1 / (r * (1 - r)))))
  }
}
robust("actg175 ye", outcome ~ arm + age + cd40 + gender + stratum, actg, TRUE)
robust("actg175 ye without strata", outcome ~ arm + age, actg, FALSE)
robust("aids ye", outcome ~ arm + age + cd4 + stratum, aids, TRUE)
robust("rossi ye", outcome ~ arm + age + prio, rossi, TRUE)
robust("robincar ye", outcome ~ arm + s1 + covar, robincar, TRUE)
robust("lung ye", outcome ~ arm + age + meals + little_food + little_food_unknown + ecog, lung, FALSE)
robust("lung ye centres", outcome ~ arm + age + meals + little_food + little_food_unknown + ecog, lung, TRUE)

# BCa on given replicates: the acceleration by leaving out each of rossi's 432 people, then the limits for the 199 evenly spread quantiles of a normal.
f <- function(k) {
  m <- glm(outcome ~ arm + age, binomial, k, control = tight)
  diff(sapply(levels(k$arm), function(one) { moved <- k; moved$arm <- factor(one, levels = levels(k$arm)); mean(predict(m, moved, type = "response")) }))
}
whole <- f(rossi); without <- sapply(seq_len(nrow(rossi)), function(i) f(rossi[-i, ]))
n <- table(rossi$arm)[rossi$arm]; L <- (n - 1) * (whole - without)
a <- sum(L^3 / n^3) / (6 * sum(L^2 / n^2)^1.5)
replicates <- whole + qnorm((1:199) / 200, 0.01, 0.05)
z0 <- qnorm(mean(replicates < whole))
at <- function(z) quantile(replicates, pnorm(z0 + (z0 + z) / (1 - a * (z0 + z))), type = 6)
add("rossi bca", "rd", contrast = "aid - no_aid", estimate = whole, statistic = a, low = at(-z975), high = at(z975))
finish("standardisation")
