source("tests/reference/rows.R")
rate <- function(case, data) {
  n <- length(levels(data$arm)); x <- t <- setNames(numeric(n), levels(data$arm))
  for (arm in levels(data$arm)) {
    d <- data[data$arm == arm, ]
    x[arm] <- sum(d$status == 1); t[arm] <- sum(d$time - d$entry) / 36525
    e <- poisson.test(x[arm], t[arm])
    add(case, "person_years", arm = arm, estimate = 100 * t[arm])
    add(case, "rate", arm = arm, estimate = e$estimate, se = if (x[arm] > 0) sqrt(x[arm]) / t[arm] else NA, low = e$conf.int[1], high = e$conf.int[2])
  }
  r <- levels(data$arm)[1]
  for (arm in levels(data$arm)[-1]) {
    b <- x[arm] / t[arm] - x[r] / t[r]; se <- sqrt(x[arm] / t[arm]^2 + x[r] / t[r]^2)
    add(case, "rate_difference", contrast = paste(arm, "-", r), estimate = b, se = se, low = b - z975 * se, high = b + z975 * se, p = 2 * pnorm(-abs(b / se)))
    e <- poisson.test(x[c(arm, r)], t[c(arm, r)])
    share <- t[arm] / (t[arm] + t[r]); n <- x[arm] + x[r]
    p <- min(1, 2 * min(pbinom(x[arm], n, share), pbinom(x[arm] - 1, n, share, lower.tail = FALSE)))
    some <- x[r] > 0
    add(case, "rate_ratio", contrast = paste(arm, "/", r), estimate = if (some) e$estimate else NA, se = if (some && x[arm] > 0) sqrt(1 / x[arm] + 1 / x[r]) else NA,
        low = e$conf.int[1], high = if (is.finite(e$conf.int[2])) e$conf.int[2] else NA, p = p)
    add(case, "p", contrast = paste(arm, "-", r), p = e$p.value)
  }
}
whole <- function(name, arms) { d <- read(name, arms); d$entry <- 0; d }
rate("lung", whole("lung", c("men", "women")))
rate("mgus", whole("mgus", c("women", "men")))
rate("colon", whole("colon", c("none", "lev", "lev5fu")))
rate("cgd", read("cgd", c("placebo", "interferon")))   # several infections a person
early <- whole("rossi", c("no_aid", "aid"))             # one arm without events
early$status <- ifelse(early$time <= 4 & early$arm == "no_aid", early$status, 0)
rate("rossi one", early)
early$status <- whole("rossi", c("no_aid", "aid"))$status * (early$time <= 10 & early$arm == "aid")
rate("rossi other", early)
finish("incidence_rate")
