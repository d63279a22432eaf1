# Predictions with everyone in each arm; the delta method with the derivatives written out on vcov(glm).
source("tests/reference/rows.R")
source("tests/reference/imputed.R")
standardise <- function(case, formula, data) {
  f <- glm(formula, binomial, data, control = tight)
  analysed <- data[!is.na(data$outcome), ]
  arms <- levels(data$arm)
  at <- function(arm) {
    moved <- analysed; moved$arm <- factor(arm, levels = arms)
    X <- model.matrix(delete.response(terms(f)), moved)
    p <- plogis(drop(X %*% coef(f)))
    list(p = mean(p), g = colMeans(p * (1 - p) * X))
  }
  se <- function(g) sqrt(drop(t(g) %*% vcov(f) %*% g))
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
finish("standardisation")
