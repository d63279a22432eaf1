# Central monitoring of ACTG 175: the four arms stand for sites, days to failure counted from 2000-01-01 for dates.
source("tests/reference/rows.R")
d <- read("actg175", c("ddi", "zdv", "zdv_ddi", "zdv_zal"))
d$date <- as.Date("2000-01-01") + d$time
groups <- c(list(all = rep(TRUE, nrow(d))), lapply(split(seq_len(nrow(d)), d$arm), function(rows) seq_len(nrow(d)) %in% rows))
name <- function(group) if (group == "all") "" else group

# Last digits: Pearson's chi-square against equal shares.
for (group in names(groups)) {
  digit <- factor(d$cd40[groups[[group]]] %% 10, levels = 0:9)
  t <- chisq.test(table(digit))
  add("digit_preference", "cd40", term = name(group), n = length(digit), statistic = t$statistic, p = t$p.value, value = max(table(digit)) / length(digit))
}

# Means and standard deviations, without what lies more than six scaled MADs from the median.
for (field in c("cd40", "age")) {
  x <- d[[field]]
  keep <- abs(x - median(x)) <= 6 * mad(x)
  x <- x[keep]; arm <- d$arm[keep]
  within <- summary(lm(x ~ arm))$sigma
  squares <- (x - ave(x, arm))^2
  relative <- squares / ave(squares, arm)
  error <- sqrt(sum((relative - 1)^2) / (length(x) - nlevels(arm)))
  for (site in levels(arm)) {
    own <- x[arm == site]; n <- length(own)
    z <- (mean(own) - mean(x)) / (within / sqrt(n))
    add("site_mean", field, term = site, n = n, value = mean(own), expected = mean(x), statistic = z, p = 2 * pnorm(-abs(z)),
        low = mean(x) - qnorm(0.999) * within / sqrt(n), high = mean(x) + qnorm(0.999) * within / sqrt(n))
    z <- log(var(own) / within^2) / (error / sqrt(n))
    add("site_variance", field, term = site, n = n, value = sd(own), expected = within, statistic = z, p = 2 * pnorm(-abs(z)),
        low = within * exp(-qnorm(0.999) * error / sqrt(n) / 2), high = within * exp(qnorm(0.999) * error / sqrt(n) / 2))
  }
}

# Spiegelhalter 2005, appendix A.1.1: exact limits interpolated between whole numbers of events.
limit <- function(share, n, probability) {
  r <- qbinom(probability, n, share)
  (r - (pbinom(r, n, share) - probability) / dbinom(r, n, share)) / n
}
for (n in c(20, 57, 400)) for (share in c(0.02, 0.3, 0.95)) {
  limits <- sapply(c(0.001, 0.025, 0.975, 0.999), function(probability) min(1, max(0, limit(share, n, probability))))
  add("limits", paste0(share, "of", n), low998 = limits[1], low95 = limits[2], high95 = limits[3], high998 = limits[4])
}

# Blank outcomes by arm.
blank <- is.na(d$outcome)
for (site in levels(d$arm)) {
  x <- sum(blank[d$arm == site]); n <- sum(d$arm == site); share <- mean(blank)
  p <- min(1, 2 * min(pbinom(x, n, share), pbinom(x - 1, n, share, lower.tail = FALSE)))
  add("site_missing", "outcome", term = site, n = n, value = x / n, expected = share, p = p, low = limit(share, n, 0.001), high = limit(share, n, 0.999))
}

# Rows near the centre: the smallest twentieth of Mahalanobis' distances.
x <- as.matrix(d[, c("age", "cd40", "time")])
keep <- apply(abs(sweep(x, 2, apply(x, 2, median))) <= rep(6 * apply(x, 2, mad), each = nrow(x)), 1, all)
distance <- mahalanobis(x[keep, ], colMeans(x[keep, ]), cov(x[keep, ]))
near <- distance <= quantile(distance, 0.05, type = 1)
for (site in levels(d$arm)) {
  own <- d$arm[keep] == site; n <- sum(own); count <- sum(near[own]); share <- mean(near)
  p <- min(1, 2 * min(pbinom(count, n, share), pbinom(count - 1, n, share, lower.tail = FALSE)))
  add("inliers", "together", term = site, n = n, value = count / n, expected = share, p = p)
}

# Days of the month, days of the week, the busiest day: dates between the outermost half percent at either end.
stretch <- function(date) {
  ends <- quantile(as.integer(date), c(0.005, 0.995), type = 1)
  date[as.integer(date) >= ends[1] & as.integer(date) <= ends[2]]
}
per_day <- function(date, from, to) {
  days <- seq(from, to, by = 1)
  data.frame(day = days, count = as.integer(table(factor(as.integer(date), levels = as.integer(days)))))
}
dispersion <- function(count, kind) {
  model <- glm(count ~ factor(kind), family = quasipoisson, epsilon = 1e-14, maxit = 100)
  max(1, sum(residuals(model, "pearson")^2) / df.residual(model))
}
for (group in names(groups)) {
  date <- stretch(d$date[groups[[group]]])
  daily <- per_day(date, min(date), max(date))
  of_month <- factor(as.integer(format(daily$day, "%d")), levels = 1:31)
  observed <- tapply(daily$count, of_month, sum)
  chi <- suppressWarnings(chisq.test(observed, p = as.numeric(table(of_month)) / nrow(daily)))$statistic
  f <- chi / 30 / dispersion(daily$count, of_month)
  add("date_heaping", "date", term = name(group), n = length(date), statistic = f, p = pf(f, 30, nrow(daily) - 31, lower.tail = FALSE))
  most <- which.max(daily$count); rest <- daily$count[-most]; m <- mean(rest); v <- var(rest)
  beyond <- if (v > m) pnbinom(daily$count[most] - 1, size = m^2 / (v - m), mu = m, lower.tail = FALSE) else ppois(daily$count[most] - 1, m, lower.tail = FALSE)
  add("busiest_day", "date", term = name(group), n = length(date), value = daily$count[most], expected = m, p = 1 - (1 - beyond)^nrow(daily))
}
date <- stretch(d$date)
from <- min(date); to <- max(date)
kept <- d$date >= from & d$date <= to
weekday <- factor(format(d$date[kept], "%u"), levels = 1:7)
shares <- as.numeric(table(weekday)) / sum(kept)
for (site in levels(d$arm)) {
  own <- d$arm[kept] == site; n <- sum(own)
  chi <- suppressWarnings(chisq.test(table(weekday[own]), p = shares))$statistic / (1 - n / sum(kept))
  daily <- per_day(d$date[kept][own], from, to)
  f <- chi / 6 / dispersion(daily$count, format(daily$day, "%u"))
  add("weekday", "date", term = site, n = n, statistic = f, p = pf(f, 6, nrow(daily) - 7, lower.tail = FALSE))
}

# Weekends: weeks at a site are clusters; exact at the effective size, which need not be whole.
week <- floor((as.integer(d$date[kept]) - as.integer(weekday) + 1 - as.integer(from)) / 7)
weekend <- weekday %in% 6:7
cluster <- interaction(week, d$arm[kept], drop = TRUE)
x <- tapply(weekend, cluster, sum); size <- tapply(weekend, cluster, length); arm <- tapply(as.character(d$arm[kept]), cluster, unique)
share_at <- tapply(x, arm, sum) / tapply(size, arm, sum)
factor_within <- max(1, sum((x - share_at[arm] * size)^2) / sum(share_at * (1 - share_at) * tapply(size, arm, sum)))
for (site in levels(d$arm)) {
  own <- d$arm[kept] == site; n <- sum(own) / factor_within; value <- mean(weekend[own]); share <- mean(weekend)
  above <- pbeta(share, value * n, n - value * n + 1); below <- pbeta(1 - share, n - value * n, value * n + 1)
  add("weekend_share", "date", term = site, n = sum(own), value = value, expected = share, p = min(1, 2 * min(above, below)))
}

# Benjamini and Hochberg.
p <- c(0.0004, 0.03, 0.002, 0.9, 0.002, 0.011, 0.5)
for (place in seq_along(p)) add("adjusted", "bh", term = place, value = p.adjust(p, "BH")[place])
finish("monitoring")
