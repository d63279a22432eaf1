source("tests/reference/rows.R")
library(survival)
test <- function(case, f, data, weighted = FALSE) {
  obs <- if (is.matrix(f$obs)) rowSums(f$obs) else f$obs
  exp <- if (is.matrix(f$exp)) rowSums(f$exp) else f$exp
  arms <- levels(data$arm); df <- length(arms) - 1
  for (i in seq_along(arms)) if (weighted) add(case, "expected", arm = arms[i], estimate = exp[i]) else add(case, "expected", arm = arms[i], estimate = exp[i], events = obs[i])
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
# Harrington-Fleming weights by survdiff, which has rho only.
test("rossi rho", survdiff(Surv(time, status) ~ arm, rossi, rho = 1), rossi, weighted = TRUE)
colon <- read("colon", c("none", "lev", "lev5fu"))
test("colon", survdiff(Surv(time, status) ~ arm + strata(stratum), colon), colon)
test("colon rho", survdiff(Surv(time, status) ~ arm + strata(stratum), colon, rho = 0.5), colon, weighted = TRUE)
# Late differences, delayed entry, and weights that count persons: from the formula, time by time.
by_hand <- function(case, data, entry = rep(-Inf, nrow(data)), n = rep(1, nrow(data)), rho = 0, gamma = 0, stratum = rep("", nrow(data))) {
  arms <- levels(data$arm); k <- length(arms); O <- E <- numeric(k); V <- matrix(0, k, k); events <- numeric(k)
  for (s in unique(stratum)) {
    d <- data[stratum == s, ]; from <- entry[stratum == s]; count <- n[stratum == s]; S <- 1
    for (t in sort(unique(d$time[d$status == 1]))) {
      risk <- from < t & d$time >= t; dies <- d$time == t & d$status == 1 & risk
      y <- sapply(arms, function(a) sum(count[risk & d$arm == a])); e <- sapply(arms, function(a) sum(count[dies & d$arm == a]))
      w <- S^rho * (1 - S)^gamma; Y <- sum(y); D <- sum(e)
      O <- O + w * e; E <- E + w * D * y / Y
      if (Y > 1) V <- V + w^2 * D * (Y - D) / (Y - 1) * (diag(y / Y) - outer(y, y) / Y^2)
      S <- S * (1 - D / Y)
    }
  }
  u <- (O - E)[-1]; statistic <- drop(u %*% solve(V[-1, -1, drop = FALSE]) %*% u); df <- k - 1
  for (i in seq_along(arms)) add(case, "expected", arm = arms[i], estimate = E[i])
  add(case, "chisq", contrast = if (df == 1) paste(arms[2], "-", arms[1]) else "", statistic = statistic, df = df, p = pchisq(statistic, df, lower.tail = FALSE))
}
by_hand("rossi late differences", rossi, rho = 0.5, gamma = 1)
by_hand("colon late differences", colon, gamma = 1, stratum = colon$stratum)
entry <- (rossi$age + 2 * rossi$prio) %% 9
by_hand("rossi late", rossi[entry < rossi$time, ], entry = entry[entry < rossi$time], stratum = rossi$stratum[entry < rossi$time])
by_hand("rossi weights", rossi, n = 1 + rossi$age %% 3)
gbsg <- read("gbsg", c("none", "hormones"))
test("gbsg", survdiff(Surv(time, status) ~ arm + strata(stratum), gbsg), gbsg)
finish("logrank")
