# coxph with Efron ties. The score test of the arms given covariates is the one at the covariates' own maximum.
source("tests/reference/rows.R")
library(survival)
tight <- coxph.control(eps = 1e-13, toler.chol = 1e-14, iter.max = 60)
ratios <- function(case, f, data) {
  reference <- levels(data$arm)[1]
  for (column in names(coef(f))) {
    arm <- sub("^arm", "", column); is_arm <- arm != column
    b <- coef(f)[[column]]; se <- sqrt(vcov(f)[column, column])
    term <- if (is_arm) "" else if (column == "little_food_unknown") "little_food unknown" else column
    add(case, "hr", contrast = if (is_arm) paste(arm, "/", reference) else "", term = term,
        estimate = exp(b), se = se, low = exp(b - z975 * se), high = exp(b + z975 * se), p = 2 * pnorm(-abs(b / se)))
  }
}
tests <- function(case, f, null, data) {
  df <- nlevels(data$arm) - 1
  contrast <- if (df == 1) paste(levels(data$arm)[2], "-", levels(data$arm)[1]) else ""
  below <- if (is.null(null)) f$loglik[1] else tail(null$loglik, 1)
  lr <- 2 * (f$loglik[2] - below)
  add(case, "chisq", contrast = contrast, term = "likelihood ratio", statistic = lr, df = df, p = pchisq(lr, df, lower.tail = FALSE))
  start <- coef(f) * 0
  if (!is.null(null)) start[names(coef(null))] <- coef(null)
  at <- suppressWarnings(update(f, init = start, control = coxph.control(iter.max = 0)))
  add(case, "chisq", contrast = contrast, term = "score", statistic = at$score, p = pchisq(at$score, df, lower.tail = FALSE))
}
aids <- read("aids", c("two", "three"))
f <- coxph(Surv(time, status) ~ arm + strata(stratum), aids, control = tight); ratios("aids", f, aids); tests("aids", f, NULL, aids)
f <- coxph(Surv(time, cause == 1) ~ arm + age + strata(stratum), aids, control = tight); ratios("aids cause", f, aids)
tests("aids cause", f, coxph(Surv(time, cause == 1) ~ age + strata(stratum), aids, control = tight), aids)
rossi <- read("rossi", c("no_aid", "aid"))
f <- coxph(Surv(time, status) ~ arm, rossi, control = tight); ratios("rossi", f, rossi); tests("rossi", f, NULL, rossi)
f <- coxph(Surv(time, status) ~ arm + age + prio, rossi, robust = TRUE, control = tight); ratios("rossi robust", f, rossi)
f <- coxph(Surv(time, status) ~ arm + age + prio + strata(stratum), rossi, robust = TRUE, control = tight); ratios("rossi robust strata", f, rossi)
actg <- read("actg175", c("zdv", "zdv_ddi", "zdv_zal", "ddi"))
f <- coxph(Surv(time, status) ~ arm + age + cd40 + strata(stratum), actg, control = tight); ratios("actg175", f, actg)
tests("actg175", f, coxph(Surv(time, status) ~ age + cd40 + strata(stratum), actg, control = tight), actg)
lung <- read("lung", c("men", "women"))
lung$meals[is.na(lung$meals)] <- mean(lung$meals, na.rm = TRUE)
lung$little_food_unknown <- as.numeric(is.na(lung$little_food))
lung$little_food[is.na(lung$little_food)] <- as.numeric(mean(lung$little_food, na.rm = TRUE) > 0.5)
f <- coxph(Surv(time, status) ~ arm + age + meals + little_food + little_food_unknown + cluster(centre), lung, control = tight); ratios("lung cluster", f, lung)
# Ties by Breslow, case weights, an offset: the tests with them too.
f <- coxph(Surv(time, status) ~ arm + age, rossi, ties = "breslow", control = tight); ratios("rossi breslow", f, rossi)
tests("rossi breslow", f, coxph(Surv(time, status) ~ age, rossi, ties = "breslow", control = tight), rossi)
rossi$w <- 1 + rossi$age %% 3; rossi$part <- (1 + rossi$prio) / 4; rossi$off <- rossi$age / 50
f <- coxph(Surv(time, status) ~ arm + prio, rossi, weights = w, robust = FALSE, control = tight); ratios("rossi weights", f, rossi)
tests("rossi weights", f, coxph(Surv(time, status) ~ prio, rossi, weights = w, robust = FALSE, control = tight), rossi)
f <- coxph(Surv(time, status) ~ arm + age + strata(stratum), rossi, weights = part, robust = TRUE, control = tight); ratios("rossi parts", f, rossi)
f <- coxph(Surv(time, status) ~ arm + prio + offset(off), rossi, control = tight); ratios("rossi offset", f, rossi)
f <- coxph(Surv(time, status) ~ arm + age + race + wexp + mar + paro + prio, rossi, robust = TRUE, control = tight); ratios("rossi all", f, rossi)
# Delayed entry: everybody enters on a day of their own.
late <- rossi; late$entry <- (late$age + 2 * late$prio) %% 9; late <- late[late$entry < late$time, ]
f <- coxph(Surv(entry, time, status) ~ arm + age + strata(stratum), late, control = tight); ratios("rossi late", f, late)
tests("rossi late", f, coxph(Surv(entry, time, status) ~ age + strata(stratum), late, control = tight), late)
# Recurrent events (Andersen-Gill), by person and by centre.
cgd <- read("cgd", c("placebo", "interferon"))
f <- coxph(Surv(entry, time, status) ~ arm + cluster(id), cgd, control = tight); ratios("cgd", f, cgd)
f <- coxph(Surv(entry, time, status) ~ arm + age + steroids + strata(stratum) + cluster(centre), cgd, control = tight); ratios("cgd centre", f, cgd)
groups <- length(unique(cgd$centre)); reach <- qt(0.975, groups - 1)
for (column in c("age", "steroids")) {
  b <- coef(f)[[column]]; se <- sqrt(vcov(f)[column, column] * groups / (groups - 1))
  add("cgd small sample", "hr", term = column, estimate = exp(b), se = se, low = exp(b - reach * se), high = exp(b + reach * se), p = 2 * pt(-abs(b / se), groups - 1), df = groups - 1)
}
bladder <- read("bladder", c("placebo", "thiotepa"))
f <- coxph(Surv(entry, time, status) ~ arm + number + size + cluster(id), bladder, control = tight); ratios("bladder", f, bladder)
# Covariates that change: rows before and after the transplant.
heart <- read.csv("tests/reference/data/heart.csv"); heart$arm <- factor("all")
f <- coxph(Surv(entry, time, status) ~ transplant + age + surgery, heart, control = tight); ratios("heart", f, heart)
f <- coxph(Surv(entry, time, status) ~ transplant + age + surgery + cluster(id), heart, ties = "breslow", control = tight); ratios("heart breslow", f, heart)
# Three arms with a sandwich: its Wald test of the arms.
colon <- read("colon", c("none", "lev", "lev5fu"))
f <- coxph(Surv(time, status) ~ arm + age + sex + strata(stratum), colon, robust = TRUE, control = tight); ratios("colon", f, colon)
arms <- c("armlev", "armlev5fu"); wald <- drop(coef(f)[arms] %*% solve(vcov(f)[arms, arms]) %*% coef(f)[arms])
add("colon", "chisq", term = "wald", statistic = wald, df = 2, p = pchisq(wald, 2, lower.tail = FALSE))
finish("cox")
