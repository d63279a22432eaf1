# Effects within levels; arm x level by likelihood ratio in glm and coxph, Cochran's Q for risk differences and ratios. `term` holds subgroup and term.
source("tests/reference/binary_frames.R")
library(survival)
exact <- coxph.control(eps = 1e-11, iter.max = 50)
lr <- function(case, by, gain, df, contrast = "") add(case, "chisq", contrast = contrast, term = paste(by, "interaction"), statistic = gain, df = df, p = pchisq(gain, df, lower.tail = FALSE))
logit <- function(case, data, by, right, main) {
  k <- data[!is.na(data$outcome) & !is.na(data[[by]]), ]; k$level <- factor(k[[by]]); reference <- levels(k$arm)[1]
  one <- if (nlevels(k$arm) == 2) paste(levels(k$arm)[2], "-", reference) else ""
  with <- glm(as.formula(paste("outcome ~ arm *", main, right)), binomial, k, control = tight); less <- glm(as.formula(paste("outcome ~ arm +", main, right)), binomial, k, control = tight)
  lr(case, by, less$deviance - with$deviance, with$rank - less$rank, one)
  for (l in levels(k$level)) {
    f <- glm(as.formula(paste("outcome ~ arm", right)), binomial, k[k$level == l, ], control = tight)
    for (arm in levels(k$arm)[-1]) { b <- coef(f)[[paste0("arm", arm)]]; s <- sqrt(vcov(f)[paste0("arm", arm), paste0("arm", arm)])
      add(case, "or", contrast = paste(arm, "/", reference), term = paste0(by, "=", l), estimate = exp(b), se = s, low = exp(b - z975 * s), high = exp(b + z975 * s)) }
  }
}
logit("logistic actg175", actg, "gender", "+ age", "level")
logit("logistic rossi", rossi, "stratum", "+ age", "level")
logit("logistic aids", aids, "stratum", "", "level")
cox <- function(case, data, by, right = "") {
  k <- data[!is.na(data[[by]]) & data[[by]] != "", ]; k$level <- factor(k[[by]]); reference <- levels(k$arm)[1]
  f <- function(right, k) coxph(as.formula(paste("Surv(time, status) ~ arm", right)), k, control = exact)
  with <- f(paste("* level", right), k); less <- f(paste("+ level", right), k)
  lr(case, by, 2 * (with$loglik[2] - less$loglik[2]), length(coef(with)) - length(coef(less)), paste(levels(k$arm)[2], "-", reference))
  for (l in levels(k$level)) { m <- f(right, k[k$level == l, ]); b <- coef(m)[[1]]; s <- sqrt(vcov(m)[1, 1])
    add(case, "hr", contrast = paste(levels(k$arm)[2], "/", reference), term = paste0(by, "=", l), estimate = exp(b), se = s, low = exp(b - z975 * s), high = exp(b + z975 * s)) }
}
cox("cox rossi", rossi, "stratum", "+ age")
cox("cox aids", aids, "stratum")
raw <- read("lung", c("men", "women"))
cox("cox lung", raw, "ecog", "+ age")
f <- function(part) coxph(as.formula(paste("Surv(time, status) ~", part, "+ age + strata(stratum)")), rossi, control = exact)
lr("cox rossi stratified", "stratum", 2 * (f("arm + arm:stratum")$loglik[2] - f("arm")$loglik[2]), 1, "aid - no_aid")
Q <- function(case, by, contrast, b, se) { w <- 1 / se^2; q <- sum(w * (b - sum(w * b) / sum(w))^2)
  add(case, "chisq", contrast = contrast, term = paste(by, "heterogeneity"), statistic = q, df = length(b) - 1, p = pchisq(q, length(b) - 1, lower.tail = FALSE)) }
table_of <- function(case, data, by) {
  k <- data[!is.na(data$outcome), ]; reference <- levels(k$arm)[1]
  for (arm in levels(k$arm)[-1]) {
    s <- sapply(split(k, k[[by]]), function(g) { p <- tapply(g$outcome, g$arm, mean); n <- table(g$arm); x <- p * n
      c(p[arm] - p[reference], sqrt(p[arm] * (1 - p[arm]) / n[arm] + p[reference] * (1 - p[reference]) / n[reference]), log(p[arm] / p[reference]), sqrt(1 / x[arm] - 1 / n[arm] + 1 / x[reference] - 1 / n[reference])) })
    Q(paste(case, "rd"), by, paste(arm, "-", reference), s[1, ], s[2, ]); Q(paste(case, "rr"), by, paste(arm, "/", reference), s[3, ], s[4, ])
    for (l in colnames(s)) add(paste(case, "rd"), "rd", contrast = paste(arm, "-", reference), term = paste0(by, "=", l), estimate = s[1, l], se = s[2, l])
  }
}
table_of("actg175", actg, "stratum"); table_of("rossi", rossi, "stratum"); table_of("aids", aids, "stratum")
finish("subgroups")
