# survfit with a factor status is Aalen-Johansen; its standard error is the infinitesimal jackknife, equal to the delta method.
source("tests/reference/rows.R")
library(survival)
aj <- function(case, data, status, codes, times, reference) {
  data$state <- factor(data[[status]], levels = 0:max(codes))
  kept <- list()
  for (arm in levels(data$arm)) {
    f <- survfit(Surv(time, state) ~ 1, data[data$arm == arm, ], conf.type = "log-log")
    s <- summary(f, times = times)
    for (code in codes) for (i in seq_along(s$time)) {
      p <- s$pstate[i, code + 1]; se <- s$std.err[i, code + 1]
      at <- p > 0 && se > 0
      add(case, "cif", arm = arm, term = if (code == 1) "" else paste0("cause", code), time = s$time[i], estimate = p, se = se,
          low = if (at) s$lower[i, code + 1] else NA, high = if (at) s$upper[i, code + 1] else NA)
      kept[[paste(arm, code, s$time[i])]] <- c(p, se)
    }
    for (i in seq_along(s$time)) add(case, "at_risk", arm = arm, time = s$time[i], estimate = sum(data$time[data$arm == arm] >= s$time[i]))
  }
  for (arm in levels(data$arm)[-1]) for (code in codes) for (t in times) {
    a <- kept[[paste(arm, code, t)]]; r <- kept[[paste(levels(data$arm)[1], code, t)]]
    if (is.null(a) || is.null(r)) next
    b <- a[1] - r[1]; se <- sqrt(a[2]^2 + r[2]^2)
    if (se > 0) add(case, "rd", contrast = paste(arm, "-", levels(data$arm)[1]), term = if (code == 1) "" else paste0("cause", code), time = t, estimate = b, se = se,
        low = b - z975 * se, high = b + z975 * se, p = 2 * pnorm(-abs(b / se)))
  }
}
aj("aids", read("aids", c("two", "three")), "cause", 1:2, c(30, 100, 250, 340))
aj("transplants", read("transplants", c("marrow", "blood")), "status", 1:3, c(0.2, 0.5, 1, 3))
aj("mgus", read("mgus", c("women", "men")), "status", 1:2, c(24, 60, 120, 240))
# Delayed entry: survfit's incidence; its jackknife leaves the variance of Aalen-Johansen here, so the variance is the sum over event
# days of (F(t) - F(s))^2 d / (Y (Y - d)) + S(s-)^2 d1 (Y - d1) / Y^3 - 2 (F(t) - F(s)) S(s-) d1 / Y^2.
late <- read("mgus", c("women", "men"))
late$entry <- late$age %% 12
late <- late[late$time > late$entry, ]
late$state <- factor(late$status, levels = 0:2)
for (arm in levels(late$arm)) {
  d <- late[late$arm == arm, ]
  d$who <- seq_len(nrow(d))
  f <- survfit(Surv(entry, time, state) ~ 1, d, id = who)
  days <- sort(unique(d$time[d$status > 0]))
  y <- sapply(days, function(t) sum(d$entry < t & d$time >= t))
  d1 <- sapply(days, function(t) sum(d$time == t & d$status == 1))
  dd <- sapply(days, function(t) sum(d$time == t & d$status > 0))
  s <- cumprod(1 - dd / y); before <- c(1, head(s, -1)); inc <- cumsum(before * d1 / y)
  for (t in c(24, 60, 120, 240)) {
    k <- days <= t; now <- max(inc[k]); gap <- now - inc[k]
    v <- sum(gap^2 * dd[k] / (y[k] * (y[k] - dd[k])) + before[k]^2 * d1[k] * (y[k] - d1[k]) / y[k]^3 - 2 * gap * before[k] * d1[k] / y[k]^2)
    add("mgus late", "cif", arm = arm, time = t, estimate = summary(f, times = t)$pstate[1, 2], se = sqrt(v))
    add("mgus late", "at_risk", arm = arm, time = t, estimate = sum(d$entry < t & d$time >= t))
  }
}
# A neighbour: the variance of cmprsk's cuminc is another estimate of the same, and differs in the third digit.
aids <- read("aids", c("two", "three"))
near <- cmprsk::timepoints(cmprsk::cuminc(aids$time, aids$cause, aids$arm), c(100, 250))
for (arm in levels(aids$arm)) for (t in c(100, 250))
  add("aids cuminc", "cif", arm = arm, time = t, estimate = near$est[paste(arm, 1), as.character(t)], se = sqrt(near$var[paste(arm, 1), as.character(t)]))
finish("cumulative_incidence")
