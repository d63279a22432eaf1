# Rubin's rules and Barnard-Rubin degrees of freedom by mice::pool, on imputations that mice made; the estimates of each imputation are
# written to data/imputed_estimates.csv, which is what the test pools.
source("tests/reference/rows.R")
suppressMessages({library(mice); library(survival)})
inputs <- data.frame()
keep <- function(case, fits, pooled) {
  tables <- lapply(fits, function(f) if (inherits(f, "coxph")) summary(f)$coefficients[, c(1, 3), drop = FALSE] else summary(f)$coefficients[, 1:2, drop = FALSE])
  p <- pooled$pooled
  s <- summary(pooled, conf.int = TRUE)
  for (k in seq_len(nrow(p))) {
    term <- as.character(p$term[k])
    for (i in seq_along(tables))
      inputs <<- rbind(inputs, data.frame(case, term, imputation = i, estimate = sprintf("%.17g", tables[[i]][term, 1]), se = sprintf("%.17g", tables[[i]][term, 2]), dfcom = sprintf("%.17g", p$dfcom[k])))
    add(case, "pooled", term = term, estimate = p$estimate[k], se = sqrt(p$t[k]), df = p$df[k], low = s[k, "2.5 %"], high = s[k, "97.5 %"], statistic = s$statistic[k], p = s$p.value[k],
        riv = p$riv[k], fmi = p$fmi[k])
  }
}
run <- function(case, data, m, seed, fit, dfcom = NULL, ...) {
  imp <- mice(data, m = m, seed = seed, printFlag = FALSE, ...)
  fits <- lapply(seq_len(m), function(i) fit(complete(imp, i)))
  keep(case, fits, pool(as.mira(fits), dfcom = dfcom))
}
run("nhanes", nhanes2, 5, 1, function(d) lm(chl ~ age + bmi + hyp, d))
run("nhanes logistic", nhanes2, 20, 2, function(d) glm(hyp ~ bmi + chl, binomial, d))
a <- read("actg175", c("zdv", "zdv_ddi", "zdv_zal", "ddi"))
a <- data.frame(arm = a$arm, outcome = factor(a$outcome), age = a$age, cd40 = a$cd40, gender = a$gender, stratum = factor(a$stratum))
run("actg175", a, 20, 3, function(d) glm(outcome ~ arm + cd40, binomial, d), maxit = 2)
run("actg175 infinite", a, 3, 4, function(d) glm(outcome ~ arm, binomial, d), dfcom = Inf, maxit = 1)
l <- read("lung", c("men", "women"))
l <- data.frame(time = l$time, status = l$status, arm = l$arm, age = l$age, meals = l$meals, weight_loss = l$weight_loss)
run("lung", l, 10, 5, function(d) coxph(Surv(time, status) ~ arm + age + meals + weight_loss, d), maxit = 5)
d <- read("aids", c("two", "three"))
d <- data.frame(time = d$time, status = d$status, arm = d$arm, age = d$age, cd4 = ifelse(seq_len(nrow(d)) %% 7 == 0, NA, d$cd4))
run("aids", d, 10, 6, function(d) coxph(Surv(time, status) ~ arm + cd4, d), maxit = 1)
write.csv(inputs, "tests/reference/data/imputed_estimates.csv", row.names = FALSE, quote = FALSE)
# pool.scalar on plain numbers, and D2 of chi-square statistics from its definition (Li, Meng, Raghunathan and Rubin 1991).
q <- c(0.11, 0.15, 0.09, 0.21, 0.14); u <- c(0.004, 0.0035, 0.0041, 0.0037, 0.0039)
for (n in c(30, 412, Inf)) {
  p <- pool.scalar(q, u, n = n, k = 2)
  add(paste("scalar", n), "pooled", term = "scalar", estimate = p$qbar, se = sqrt(p$t), df = p$df, riv = p$r, fmi = p$fmi)
}
d2 <- function(case, x, k) {
  m <- length(x); r <- (1 + 1 / m) * var(sqrt(x)); f <- (mean(x) / k - (m + 1) / (m - 1) * r) / (1 + r)
  v <- k^(-3 / m) * (m - 1) * (1 + 1 / r)^2
  add(case, "f", term = "d2", statistic = f, df = v, p = pf(f, k, v, lower.tail = FALSE))
}
d2("d2 one", c(3.2, 4.1, 2.7, 5.0, 3.9), 1)
d2("d2 three", c(12.5, 9.1, 10.4, 14.9, 11.2, 8.8, 13.0), 3)
finish("multiple_imputation")
