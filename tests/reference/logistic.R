source("tests/reference/rows.R")
source("tests/reference/imputed.R")
odds <- function(case, fit, null, reference, df) {
  s <- coef(summary(fit))
  for (column in rownames(s)[-1]) {
    arm <- sub("^arm", "", column); is_arm <- arm != column
    b <- s[column, 1]; se <- s[column, 2]
    add(case, "or", contrast = if (is_arm) paste(arm, "/", reference) else "", term = if (is_arm) "" else if (column %in% names(name)) name[[column]] else column,
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
finish("logistic")
