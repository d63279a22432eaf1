source("tests/reference/rows.R")
library(survival)
test <- function(case, f, data) {
  obs <- if (is.matrix(f$obs)) rowSums(f$obs) else f$obs
  exp <- if (is.matrix(f$exp)) rowSums(f$exp) else f$exp
  arms <- levels(data$arm); df <- length(arms) - 1
  for (i in seq_along(arms)) add(case, "expected", arm = arms[i], estimate = exp[i], events = obs[i])
  add(case, "chisq", contrast = if (df == 1) paste(arms[2], "-", arms[1]) else "", statistic = f$chisq, df = df, p = pchisq(f$chisq, df, lower.tail = FALSE))
}
aids <- read("aids", c("two", "three"))
test("aids", survdiff(Surv(time, status) ~ arm + strata(stratum), aids), aids)
test("aids cause", survdiff(Surv(time, cause == 1) ~ arm, aids), aids)
actg <- read("actg175", c("zdv", "zdv_ddi", "zdv_zal", "ddi"))
test("actg175", survdiff(Surv(time, status) ~ arm, actg), actg)
test("actg175 strata", survdiff(Surv(time, status) ~ arm + strata(stratum), actg), actg)
rossi <- read("rossi", c("no_aid", "aid"))
test("rossi", survdiff(Surv(time, status) ~ arm, rossi), rossi)
early <- rossi
early$status[early$time > 4 | early$arm == "aid"] <- 0   # one arm without events
test("early", survdiff(Surv(time, status) ~ arm, early), early)
finish("logrank")
