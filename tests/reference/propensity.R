# Weighted comparisons with the sandwich of the stacked equations written out: bread by hand for means, by extrapolated differences for survival and the Cox model.
source("tests/reference/rows.R")
suppressMessages(library(survival))
slope <- function(f, at, X) sapply(seq_along(at), function(j) { # Richardson's extrapolation of central differences
  h <- 1e-2 / if (j <= ncol(X)) max(abs(X[, j])) else 1; central <- function(h) { up <- down <- at; up[j] <- up[j] + h; down[j] <- down[j] - h; (f(up) - f(down)) / (2 * h) }
  a <- central(h); b <- central(h / 2); c <- central(h / 4); (64 * c - 20 * b + a) / 45 })
weigher <- function(X, A, kind) function(nu) {
  e <- plogis(drop(X %*% nu[seq_len(ncol(X))]))
  if (kind == "overlap") A * (1 - e) + (1 - A) * e else { s <- nu[ncol(X) + 1]; A * s / e + (1 - A) * (1 - s) / (1 - e) }
}
nuisance <- function(X, A, kind) {
  fit <- glm.fit(X, A, family = binomial(), control = list(epsilon = 1e-14, maxit = 100))
  b <- fit$coefficients; e <- fit$fitted.values
  influence <- (X * (A - e)) %*% solve(t(X) %*% (X * e * (1 - e)))
  if (kind == "overlap") list(at = b, influence = influence) else list(at = c(b, mean(A)), influence = cbind(influence, (A - mean(A)) / length(A)))
}
report <- function(case, arms, values, V, horizon = "", means = FALSE, survival = FALSE) {
  one <- arms[2]; ref <- arms[1]; minus <- paste(one, "-", ref); over <- paste(one, "/", ref)
  for (k in 1:2) { m <- values[k]; s <- sqrt(V[k, k])
    if (means) add(case, "mean", arm = arms[k], estimate = m, se = s, low = m - z975 * s, high = m + z975 * s)
    else if (survival) add(case, "survival", arm = arms[k], time = horizon, estimate = m, se = s, low = m^exp(-z975 * s / (m * log(m))), high = m^exp(z975 * s / (m * log(m))))
    else add(case, "proportion", arm = arms[k], estimate = m, se = s, low = plogis(qlogis(m) - z975 * s / (m * (1 - m))), high = plogis(qlogis(m) + z975 * s / (m * (1 - m)))) }
  d <- values[2] - values[1]; s <- sqrt(drop(c(-1, 1) %*% V %*% c(-1, 1)))
  add(case, if (means) "mean_difference" else if (survival) "survival_difference" else "rd", contrast = minus, time = horizon, estimate = d, se = s, low = d - z975 * s, high = d + z975 * s, p = 2 * pnorm(-abs(d / s)))
  if (!means && !survival) for (measure in c("rr", "or")) {
    g <- if (measure == "rr") c(-1, 1) / values else c(-1, 1) / (values * (1 - values))
    l <- if (measure == "rr") log(values[2] / values[1]) else qlogis(values[2]) - qlogis(values[1])
    s <- sqrt(drop(g %*% V %*% g)); add(case, measure, contrast = over, estimate = exp(l), se = s, low = exp(l - z975 * s), high = exp(l + z975 * s), p = 2 * pnorm(-abs(l / s)))
  }
}
# theta = (coefficients, share, mean of the reference, mean of the group): A^-1 B A^-T with A written out.
means <- function(case, d, formula, y, arms, kind, numbers = FALSE, cluster = NULL) {
  X <- model.matrix(formula, d); A <- as.integer(d$arm == arms[2]); n <- length(A)
  N <- nuisance(X, A, kind); w <- weigher(X, A, kind)(N$at); e <- plogis(drop(X %*% N$at[seq_len(ncol(X))]))
  seen <- !is.na(y); y0 <- ifelse(seen, y, 0)
  m <- c(sum((w * y0)[seen & A == 0]) / sum(w[seen & A == 0]), sum((w * y0)[seen & A == 1]) / sum(w[seen & A == 1]))
  p <- ncol(X); q <- length(N$at)
  psi <- cbind(X * (A - e), if (kind != "overlap") A - mean(A), seen * (A == 0) * w * (y0 - m[1]), seen * (A == 1) * w * (y0 - m[2]))
  D <- if (kind == "overlap") X * (ifelse(A == 1, -1, 1) * e * (1 - e)) else { s <- mean(A)
    cbind(X * ifelse(A == 1, -s * (1 - e) / e, (1 - s) * e / (1 - e)), ifelse(A == 1, 1 / e, -1 / (1 - e))) }
  M <- matrix(0, q + 2, q + 2)
  M[1:p, 1:p] <- t(X) %*% (X * e * (1 - e)); if (q > p) M[q, q] <- n
  for (k in 1:2) { inside <- seen & A == k - 1; M[q + k, 1:q] <- -colSums(D * (inside * (y0 - m[k]))); M[q + k, q + k] <- sum(w[inside]) }
  if (!is.null(cluster)) psi <- rowsum(psi, cluster)
  V <- solve(M) %*% (t(psi) %*% psi) %*% t(solve(M))
  report(case, arms, m, V[q + 1:2, q + 1:2], means = numbers)
}
times <- function(case, d, formula, arms, kind, horizons) {
  X <- model.matrix(formula, d); A <- as.integer(d$arm == arms[2]); N <- nuisance(X, A, kind); W <- weigher(X, A, kind); w <- W(N$at)
  for (h in horizons) {
    S <- function(w) sapply(0:1, function(k) { s <- 1; for (t in sort(unique(d$time[A == k & d$status == 1 & d$time <= h]))) { r <- A == k & d$time >= t; s <- s * (1 - sum(w[r & d$time == t & d$status == 1]) / sum(w[r])) }; s })
    fit <- sapply(0:1, function(k) summary(survfit(Surv(time, status) ~ 1, d[A == k, ], weights = w[A == k]), times = h)$surv)
    stopifnot(max(abs(fit - S(w))) < 1e-12)
    G <- matrix(0, length(A), 2) # derivative of S in each weight, event time by event time
    for (k in 0:1) for (t in unique(d$time[A == k & d$status == 1 & d$time <= h])) { r <- A == k & d$time >= t; e <- r & d$time == t & d$status == 1
      G[, k + 1] <- G[, k + 1] - (e - r * sum(w[e]) / sum(w[r])) / (sum(w[r]) - sum(w[e])) }
    G <- sweep(G, 2, fit, "*")
    influence <- w * G + N$influence %*% t(slope(function(nu) S(W(nu)), N$at, X))
    report(case, arms, fit, t(influence) %*% influence, horizon = h, survival = TRUE)
  }
  cox <- function(nu) { d$w <- W(nu); coxph(Surv(time, status) ~ A, d, weights = w, ties = "breslow", control = coxph.control(eps = 1e-11, toler.chol = 1e-13, iter.max = 60)) }
  fit <- cox(N$at); b <- unname(coef(fit))
  influence <- w * residuals(fit, "dfbeta", weighted = FALSE) + N$influence %*% slope(function(nu) unname(coef(cox(nu))), N$at, X)
  s <- sqrt(sum(influence^2))
  add(case, "hr", contrast = paste(arms[2], "/", arms[1]), estimate = exp(b), se = s, low = exp(b - z975 * s), high = exp(b + z975 * s), p = 2 * pnorm(-abs(b / s)), n = nrow(d))
}
actg <- read("actg175", c("zdv", "zdv_ddi", "zdv_zal", "ddi")); actg <- droplevels(actg[actg$arm %in% c("zdv", "ddi"), ])
lung <- read("lung", c("men", "women")); kept <- lung[complete.cases(lung[c("age", "ecog", "meals")]), ]; kept$ecog <- factor(kept$ecog, levels = c("much", "none", "some"))
rossi <- read("rossi", c("no_aid", "aid")); aids <- read("aids", c("two", "three"))
late <- ifelse(kept$time > 300, 0, ifelse(kept$status == 1, 1, NA))
for (kind in c("overlap", "inverse_probability")) {
  means(paste("actg175", kind), actg, ~ age + cd40 + gender, actg$outcome, c("zdv", "ddi"), kind)
  means(paste("lung", kind), kept, ~ age + ecog + meals, late, c("men", "women"), kind)
  means(paste("lung clusters", kind), kept, ~ age + ecog + meals, late, c("men", "women"), kind, cluster = kept$centre)
  means(paste("lung numbers", kind), kept, ~ age + ecog, kept$weight_loss, c("men", "women"), kind, numbers = TRUE)
  means(paste("rossi", kind), rossi, ~ age + prio, as.integer(rossi$status), c("no_aid", "aid"), kind)
  times(paste("lung times", kind), kept, ~ age + ecog + meals, c("men", "women"), kind, c(180, 365))
  times(paste("rossi times", kind), rossi, ~ age + prio, c("no_aid", "aid"), kind, c(26, 52))
  times(paste("aids times", kind), aids, ~ age + cd4, c("two", "three"), kind, 200)
}
finish("propensity")
