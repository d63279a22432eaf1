# The masses of the innermost intervals by self-consistency to 1e-15; and survfit's own, which stops at a change of 5e-5.
source("tests/reference/rows.R")
library(survival)
seen <- function(name, arms) { d <- read(name, arms); d$upper <- ifelse(is.na(d$upper), Inf, d$upper); d }
# An end is coded so that an open lower end lies just after its day, an exact one on it.
masses <- function(lower, upper) {
  l <- ifelse(lower == upper, lower - 0.25, lower + 0.25)
  ends <- rbind(data.frame(at = unique(l), kind = 0), data.frame(at = unique(upper), kind = 1))
  ends <- ends[order(ends$at, ends$kind), ]
  first <- which(head(ends$kind, -1) == 0 & tail(ends$kind, -1) == 1)
  left <- ends$at[first]; right <- ends$at[first + 1]
  inside <- outer(l, left, "<=") & outer(upper, right, ">=")
  p <- rep(1 / length(left), length(left))
  for (step in 1:200000) {
    new <- p * colSums(inside / as.vector(inside %*% p)) / length(l)
    if (max(abs(new - p)) < 1e-16) break
    p <- new
  }
  list(left = left, right = right, p = p)
}
tb <- function(case, data, times, rough) for (arm in levels(data$arm)) {
  d <- data[data$arm == arm, ]
  m <- masses(d$lower, d$upper)
  f <- survfit(Surv(ifelse(d$lower == 0, NA, d$lower), ifelse(is.finite(d$upper), d$upper, NA), type = "interval2") ~ 1)
  for (t in times) {
    add(case, "survival", arm = arm, time = t, estimate = 1 - sum(m$p[m$right <= t]))
    add(case, "survival_least", arm = arm, time = t, estimate = 1 - sum(m$p[m$left < t]))
    if (t %in% rough) add(paste(case, "survfit"), "survival", arm = arm, time = t, estimate = summary(f, times = t + 0.1)$surv)
  }
}
tb("diabetes", seen("diabetes", c("male", "female")), c(5, 12, 20, 30, 40), c(5, 12, 20, 30))
tb("aids", seen("aids_visits", c("two", "three")), c(45, 90, 180, 330), c(90, 180, 330))
tb("mgus", seen("mgus_visits", c("women", "men")), c(48, 120, 130, 240), c(48, 120, 240))
tb("lung", seen("lung_visits", c("men", "women")), c(90, 360, 720), c(90, 360, 720))
finish("turnbull")
