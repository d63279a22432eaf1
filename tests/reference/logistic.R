# glm for the maximum; profile limits by uniroot on the deviance with the coefficient held by an offset (R 4.2's own confint interpolates).
# Firth: the penalised likelihood written down and given to optim, its profile to uniroot; no package for it here.
source("tests/reference/binary_frames.R")
odds <- function(case, fit, null, reference, df) {
  s <- coef(summary(fit))
  for (column in rownames(s)[-1]) {
    arm <- sub("^arm", "", column); is_arm <- arm != column
    b <- s[column, 1]; se <- s[column, 2]
    add(case, "or", contrast = if (is_arm) paste(arm, "/", reference) else "", term = if (is_arm) "" else if (column %in% names(name)) name[[column]] else sub("^stratum", "stratum=", column),
        estimate = exp(b), se = se, low = exp(b - z975 * se), high = exp(b + z975 * se), p = 2 * pnorm(-abs(b / se)))
  }
  lr <- null$deviance - fit$deviance
  add(case, "chisq", contrast = if (df == 1) paste(levels(fit$data$arm)[2], "-", reference) else "", term = "likelihood ratio", statistic = lr, df = df,
      p = pchisq(lr, df, lower.tail = FALSE), n = nobs(fit), events = sum(fit$y))
}
fit <- function(formula, data) glm(formula, binomial, data, control = tight)
odds("crude", fit(outcome ~ arm, actg), fit(outcome ~ 1, actg), "zdv", 3)
odds("adjusted", fit(outcome ~ arm + age + cd40 + gender + stratum, actg), fit(outcome ~ age + cd40 + gender + stratum, actg), "zdv", 3)
odds("imputed", fit(outcome ~ arm + age + meals + little_food + little_food_unknown + ecog, d),
     fit(outcome ~ age + meals + little_food + little_food_unknown + ecog, d), "men", 1)
odds("aids", fit(outcome ~ arm + age + cd4 + stratum, aids), fit(outcome ~ age + cd4 + stratum, aids), "two", 1)
odds("rossi", fit(outcome ~ arm + age + prio + stratum, rossi), fit(outcome ~ age + prio + stratum, rossi), "no_aid", 1)

profiled <- function(case, formula, data) {
  f <- fit(formula, data[!is.na(data$outcome), ])
  X <- model.matrix(f); y <- f$y; reference <- levels(data$arm)[1]
  for (column in colnames(X)[-1]) {
    j <- match(column, colnames(X))
    rise <- function(b) glm.fit(X[, -j, drop = FALSE], y, offset = X[, j] * b, family = binomial(), control = tight)$deviance - f$deviance
    b <- coef(f)[[column]]; se <- sqrt(vcov(f)[column, column])
    limit <- function(sign) uniroot(function(at) rise(at) - z975^2, sort(c(b, b + sign * 3.5 * se)), tol = 1e-13)$root
    arm <- sub("^arm", "", column); is_arm <- arm != column
    term <- if (is_arm) "" else if (column %in% names(name)) name[[column]] else sub("^stratum", "stratum=", column)
    add(case, "or", contrast = if (is_arm) paste(arm, "/", reference) else "", term = term, estimate = exp(b), se = se, low = exp(limit(-1)), high = exp(limit(1)),
        statistic = rise(0), df = 1, p = pchisq(rise(0), 1, lower.tail = FALSE))
  }
}
profiled("actg175 profile", outcome ~ arm + age, actg)
profiled("aids profile", outcome ~ arm + age + cd4 + stratum, aids)
profiled("rossi profile", outcome ~ arm + age + prio + stratum, rossi)
profiled("lung profile", outcome ~ arm + age + meals + little_food + little_food_unknown + ecog, d)

firth <- function(case, data, right, arms, reference) {
  X <- model.matrix(as.formula(paste("~", right)), data); y <- data$outcome
  scale <- apply(X, 2, sd); scale[1] <- 1; centre <- colMeans(X); centre[1] <- 0
  Z <- sweep(sweep(X, 2, centre), 2, scale, "/")          # Jeffreys' prior does not mind
  value <- function(b) { eta <- drop(Z %*% b); p <- plogis(eta); sum(y * eta - log1p(exp(eta))) + determinant(crossprod(Z * sqrt(p * (1 - p))))$modulus / 2 }
  gradient <- function(b) { p <- plogis(drop(Z %*% b)); W <- p * (1 - p); H <- solve(crossprod(Z * sqrt(W))); drop(crossprod(Z, y - p + W * rowSums((Z %*% H) * Z) * (0.5 - p))) }
  top_over <- function(held, at, start) {                 # the largest value with some coefficients held
    free <- setdiff(seq_along(start), held)
    whole <- function(part) { b <- start; b[held] <- at; b[free] <- part; b }
    o <- optim(start[free], function(part) -value(whole(part)), function(part) -gradient(whole(part))[free], method = "BFGS", control = list(reltol = 1e-16, maxit = 2000))
    list(b = whole(o$par), value = -o$value)
  }
  top <- top_over(integer(0), numeric(0), numeric(ncol(Z)))
  for (i in 1:20) {                                       # Newton steps on a numerical Hessian take the gradient to zero
    J <- sapply(seq_along(top$b), function(j) { h <- replace(numeric(length(top$b)), j, 1e-5); (gradient(top$b + h) - gradient(top$b - h)) / 2e-5 })
    top$b <- top$b - solve(J, gradient(top$b))
  }
  top$value <- value(top$b)
  p <- plogis(drop(Z %*% top$b)); V <- solve(crossprod(Z * sqrt(p * (1 - p))))
  for (j in 2:ncol(Z)) {
    fall <- function(at) 2 * (top$value - top_over(j, at, replace(top$b, j, at))$value)
    limit <- function(sign) {
      w <- sqrt(V[j, j]); while (fall(top$b[j] + sign * w) < z975^2) w <- w * 1.5
      uniroot(function(at) fall(at) - z975^2, sort(c(top$b[j], top$b[j] + sign * w)), tol = 1e-13)$root
    }
    column <- colnames(X)[j]; arm <- sub("^arm", "", column); is_arm <- arm != column
    add(case, "or", contrast = if (is_arm) paste(arm, "/", reference) else "", term = if (is_arm) "" else column, estimate = exp(top$b[j] / scale[j]), se = sqrt(V[j, j]) / scale[j],
        low = exp(limit(-1) / scale[j]), high = exp(limit(1) / scale[j]), statistic = fall(0), df = 1, p = pchisq(fall(0), 1, lower.tail = FALSE))
  }
  held <- 1 + seq_len(arms)
  fallen <- 2 * (top$value - top_over(held, numeric(arms), replace(top$b, held, 0))$value)
  add(case, "chisq", contrast = if (arms == 1) paste(levels(data$arm)[2], "-", reference) else "", term = "likelihood ratio", statistic = fallen, df = arms, p = pchisq(fallen, arms, lower.tail = FALSE))
  top$b[-1] / scale[-1]
}
endometrial <- read.csv("tests/reference/data/endometrial.csv")
endometrial <- transform(endometrial, arm = factor(NV, labels = c("without", "with")), outcome = HG)
b <- firth("endometrial", endometrial, "arm + PI + EH", 1, "without")
stopifnot(abs(b - c(2.92927330, -0.03475175, -2.60416387)) < 1e-5)     # as the R package logistf prints them
sex2 <- read.csv("tests/reference/data/sex2.csv")
sex2 <- sex2[rep(seq_len(nrow(sex2)), sex2$women), ]
sex2 <- transform(sex2, arm = factor(dia, labels = c("without", "with")), outcome = case)
b <- firth("sex2", sex2, "arm + age + oc + vic + vicl + vis", 1, "without")
stopifnot(abs(b - c(3.09601166, -1.10598131, -0.06881673, 2.26887464, -2.11140817, -0.78831694)) < 1e-5)
invisible(firth("rossi firth", rossi, "arm + age + prio", 1, "no_aid"))
none <- actg[!is.na(actg$outcome) & actg$age > 50, ]                   # no events left in one of four arms
none$outcome[none$arm == "ddi"] <- 0
invisible(firth("actg175 firth", none, "arm + cd40", 3, "zdv"))
finish("logistic")
