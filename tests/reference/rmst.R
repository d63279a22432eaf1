# survfit's restricted mean and its standard error, that of Royston and Parmar.
source("tests/reference/rows.R")
library(survival)
area <- function(case, data, horizons, late = FALSE) {
  kept <- list()
  for (tau in horizons) {
    for (arm in levels(data$arm)) {
      d <- data[data$arm == arm, ]
      if (late) d <- d[d$time > d$entry, ]
      f <- if (late) survfit(Surv(entry, time, status) ~ 1, d) else survfit(Surv(time, status) ~ 1, d)
      m <- summary(f, rmean = tau)$table[c("rmean", "se(rmean)")]
      kept[[arm]] <- m
      add(case, "rmst", arm = arm, time = tau, estimate = m[1], se = m[2], low = m[1] - z975 * m[2], high = m[1] + z975 * m[2])
    }
    r <- kept[[levels(data$arm)[1]]]
    for (arm in levels(data$arm)[-1]) {
      a <- kept[[arm]]
      b <- a[1] - r[1]; se <- sqrt(a[2]^2 + r[2]^2)
      add(case, "rmst_difference", contrast = paste(arm, "-", levels(data$arm)[1]), time = tau, estimate = b, se = se, low = b - z975 * se, high = b + z975 * se,
          p = 2 * pnorm(-abs(b / se)))
      l <- log(a[1] / r[1]); se <- sqrt((a[2] / a[1])^2 + (r[2] / r[1])^2)
      add(case, "rmst_ratio", contrast = paste(arm, "/", levels(data$arm)[1]), time = tau, estimate = exp(l), se = se, low = exp(l - z975 * se), high = exp(l + z975 * se),
          p = 2 * pnorm(-abs(l / se)))
    }
  }
}
area("lung", read("lung", c("men", "women")), c(365, 883, 900))
area("colon", read("colon", c("none", "lev", "lev5fu")), c(1095, 2190))
area("rossi", read("rossi", c("no_aid", "aid")), c(26, 52))
everyone <- read("gbsg", c("none", "hormones"))
everyone$arm <- factor("everyone")
area("gbsg", everyone, 2659)
late <- read("rossi", c("no_aid", "aid"))
late$entry <- (late$age + 2 * late$prio) %% 9
area("rossi late", late, c(26, 52), TRUE)
# Everybody dies: the curve ends at 0 before the horizon.
area("tiny", data.frame(arm = factor("a"), time = c(1, 2, 3, 4, 6, 7, 8, 9), status = 1), c(5, 12))
finish("rmst")
