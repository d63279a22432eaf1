# lm, its t intervals and F test of the arms; sandwich's HC3. Weight loss is unknown for some, meals are imputed (imputed.R).
source("tests/reference/binary_frames.R")
library(sandwich)
difference <- function(case, formula, data, reduced = NULL) {
  f <- lm(formula, data)
  reference <- levels(data$arm)[1]
  for (kind in c("model", "hc3")) {
    v <- if (kind == "model") vcov(f) else vcovHC(f, type = "HC3")
    q <- qt(0.975, f$df.residual)
    for (arm in levels(data$arm)[-1]) {
      b <- coef(f)[[paste0("arm", arm)]]; se <- sqrt(v[paste0("arm", arm), paste0("arm", arm)])
      add(paste(case, kind), "mean_difference", contrast = paste(arm, "-", reference), estimate = b, se = se, low = b - q * se, high = b + q * se,
          p = 2 * pt(-abs(b / se), f$df.residual), df = f$df.residual)
    }
  }
  if (!is.null(reduced)) {
    a <- anova(lm(reduced, data), f)
    add(paste(case, "model"), "f", term = "all arms", statistic = a$F[2], p = a$`Pr(>F)`[2], df = f$df.residual)
  }
  y <- model.response(model.frame(f)); arm <- model.frame(f)$arm
  for (a in levels(data$arm)) {
    t <- t.test(y[arm == a])
    add(paste(case, "model"), "mean", arm = a, estimate = t$estimate, se = t$stderr, low = t$conf.int[1], high = t$conf.int[2], df = t$parameter)
  }
}
difference("lung", weight_loss ~ arm + age + meals, lung)
difference("aids", cd4 ~ arm + age + stratum, aids)
difference("rossi", prio ~ arm + age, rossi)
difference("actg175", cd40 ~ arm + age + gender + stratum, actg, cd40 ~ age + gender + stratum)
finish("ancova")
