# nlme::lme, restricted likelihood, its optimiser taken to the end. Satterthwaite's df, which nlme does not have, from the likelihood written with full
# matrices: central differences (Richardson's, to 1e-9) in both variances. Where lme4 agrees on the fit the script goes on, else it stops.
source("tests/reference/repeated_frames.R")
suppressMessages({library(nlme); library(lme4)})
differences <- function(f, at, h = 1e-2) {   # first derivatives of a vector, Richardson over three steps
  sapply(seq_along(at), function(i) {
    one <- function(s) { e <- replace(numeric(length(at)), i, s * at[i]); (f(at + e) - f(at - e)) / (2 * s * at[i]) }
    a <- one(h); b <- one(h / 2); c <- one(h / 4)
    (64 * c - 20 * b + a) / 45
  })
}
one <- function(case, d, covariates = character()) {
  d <- d[!is.na(d$outcome), ]; d <- d[order(d$id), ]
  for (k in covariates) { s <- d[[k]]; d[[k]] <- s - mean(s) }
  m <- model(d, covariates); x <- m$x; p <- ncol(x); y <- d$outcome
  data <- cbind(as.data.frame(x), y = y, id = droplevels(d$id))
  formula <- as.formula(paste("y ~ 0 +", paste(colnames(x), collapse = " + ")))
  fit <- lme(formula, data = data, random = ~ 1 | id, method = "REML", control = lmeControl(msTol = 1e-14, tolerance = 1e-12, msMaxIter = 500, maxIter = 500, opt = "optim", optimMethod = "BFGS", reltol = 1e-15))
  same <- suppressMessages(lmer(update(formula, . ~ . + (1 | id)), data = data, REML = TRUE, control = lmerControl(optimizer = "Nelder_Mead", optCtrl = list(FtolAbs = 1e-15, XtolRel = 1e-12, maxfun = 1e5), check.conv.singular = "ignore")))
  stopifnot(max(abs(fixef(fit) - fixef(same))) < 1e-4 * max(abs(fixef(fit))))
  b <- fixef(fit); V <- as.matrix(fit$varFix)
  variances <- c(fit$sigma^2, as.numeric(VarCorr(fit)[1, 1]))
  Z <- outer(data$id, levels(data$id), "==") + 0; ZZ <- Z %*% t(Z)
  weigh <- function(s) solve(s[1] * diag(length(y)) + s[2] * ZZ)
  cov <- function(s) solve(t(x) %*% weigh(s) %*% x)
  gradient <- function(s) {   # of minus the restricted log-likelihood, from the projection P
    W <- weigh(s); P <- W - W %*% x %*% solve(t(x) %*% W %*% x) %*% t(x) %*% W; Py <- P %*% y
    c(sum(diag(P)) - sum(Py^2), sum(P * ZZ) - sum(Py * (ZZ %*% Py))) / 2
  }
  # lme's optimum to full precision: Newton's steps on this gradient.
  for (i in 1:6) variances <- variances - solve(differences(gradient, variances), gradient(variances))
  stopifnot(max(abs(variances - c(fit$sigma^2, as.numeric(VarCorr(fit)[1, 1]))) / variances) < 1e-4)
  stopifnot(max(abs(sqrt(diag(cov(variances))) - sqrt(diag(V)))) < 1e-4 * max(sqrt(diag(V))))
  V <- cov(variances); b <- drop(V %*% t(x) %*% weigh(variances) %*% y)
  A <- solve(differences(gradient, variances))
  jacobian <- array(differences(function(s) as.vector(cov(s)), variances), c(p, p, 2))
  satterthwaite <- function(l) { g <- c(l %*% jacobian[, , 1] %*% l, l %*% jacobian[, , 2] %*% l); 2 * drop(l %*% V %*% l)^2 / drop(g %*% A %*% g) }
  row <- function(measure, l, term, arm = "", contrast = "") {
    est <- sum(l * b); se <- sqrt(drop(l %*% V %*% l)); df <- satterthwaite(l); q <- qt(0.975, df)
    add(case, measure, arm = arm, contrast = contrast, term = term, estimate = est, se = se, low = est - q * se, high = est + q * se, df = df)
    if (measure == "mean_difference") add(case, measure, contrast = contrast, term = term, p = 2 * pt(-abs(est / se), df))
  }
  I <- diag(p); reference <- levels(d$arm)[1]; arms <- nlevels(d$arm) - 1
  for (k in seq_along(levels(d$visit))) {
    visit <- levels(d$visit)[k]
    row("mean", I[k, ], visit, arm = reference)
    for (j in which(m$named[, 1] == visit)) {
      row("mean", I[k, ] + I[m$visits + j, ], visit, arm = m$named[j, 2])
      row("mean_difference", I[m$visits + j, ], visit, contrast = paste(m$named[j, 2], "-", reference))
    }
  }
  test <- function(term, L) {
    q <- nrow(L); S <- L %*% V %*% t(L)
    f <- drop(t(L %*% b) %*% solve(S) %*% (L %*% b)) / q
    nu <- apply(t(eigen(S)$vectors) %*% L, 1, satterthwaite); E <- sum(nu / (nu - 2)); df <- 2 * E / (E - q)
    add(case, "f", term = term, statistic = f, df = df, p = pf(f, q, df, lower.tail = FALSE))
  }
  E <- I[m$visits + seq_len(nrow(m$named)), ]
  test("all visits", E)
  test("arm x visit", E[-seq_len(arms), , drop = FALSE] - E[rep(seq_len(arms), m$visits - 1), , drop = FALSE])
  add(case, "variance", term = "within participants", estimate = variances[1]); add(case, "variance", term = "between participants", estimate = variances[2])
}
one("orthodont", visits("orthodont"))
one("sleep", visits("sleep"))
one("chicks", visits("chicks"), "baseline")
one("pigs", visits("pigs"), "baseline")
finish("mixed_model")
