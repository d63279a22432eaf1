# What the shifted imputations give in the long run. Outcomes: mice's mnar.logreg and mnar.norm (an unidentified shift in the imputation
# model), per arm, then the crude risk difference. Times: the piecewise exponential hazard written out here, then coxph. Means, spread
# between imputations and Monte Carlo errors: they are the tolerance.
source("tests/reference/rows.R")
suppressMessages({library(mice); library(survival)})
record <- function(case, term, q, u) {
  m <- length(q); four <- mean((q - mean(q))^4) / var(q)^2
  add(case, "pooled", term = term, estimate = mean(q), se = sd(q) / sqrt(m), between = sd(q), between_se = sd(q) * sqrt((four - 1) / (4 * m)), within = mean(u), within_se = sd(u) / sqrt(m))
}
m <- 400
shifted <- function(case, d, predictors, deltas, method, below = NA) {
  arms <- levels(d$arm); p <- n <- list()
  for (a in arms) {
    i <- d$arm == a; e <- d[i, c(if (is.na(below)) "outcome" else "value", predictors)]; delta <- deltas[[a]]
    if (is.na(below)) e$outcome <- factor(e$outcome)
    imp <- mice(e, m = m, maxit = 1, method = c(method, rep("", length(predictors))), blots = setNames(list(list(ums = as.character(delta))), names(e)[1]), seed = 21, printFlag = FALSE)
    p[[a]] <- sapply(seq_len(m), function(k) { v <- complete(imp, k)[[1]]; if (is.na(below)) mean(v == "1") else mean(v < below) }); n[[a]] <- sum(i)
  }
  a <- arms[2]; r <- arms[1]
  record(case, paste0("delta_", r, "=", deltas[[r]], ",delta_", a, "=", deltas[[a]]), p[[a]] - p[[r]], p[[a]] * (1 - p[[a]]) / n[[a]] + p[[r]] * (1 - p[[r]]) / n[[r]])
}
by <- function(d, day) { d$outcome <- ifelse(d$time > day | d$status == 1, as.numeric(d$time <= day), NA); d }
g <- read("actg175", c("zdv", "ddi")); g <- g[!is.na(g$arm), ]
shifted("actg175", g, c("age", "cd40"), list(zdv = 0, ddi = -1), "mnar.logreg")
shifted("actg175", g, c("age", "cd40"), list(zdv = 1, ddi = -2), "mnar.logreg")
shifted("lung", by(read("lung", c("men", "women")), 300), c("age"), list(men = 0, women = 2), "mnar.logreg")
shifted("aids", by(read("aids", c("two", "three")), 200), c("age", "cd4"), list(two = -0.5, three = 1), "mnar.logreg")
v <- read("lung", c("men", "women")); v$value <- log10(v$meals)
shifted("lung value", v, c("age", "time"), list(men = 0, women = -0.1), "mnar.norm", below = log10(800))
hazards <- function(case, d, phi, horizon, pieces) {
  d$status[d$time > horizon] <- 0; d$time <- pmin(d$time, horizon); d <- d[order(d$arm), ]; set.seed(22)
  one <- lapply(levels(d$arm), function(a) {
    e <- d[d$arm == a, ]; days <- e$time[e$status == 1]
    ends <- unique(c(0, unname(quantile(days, seq_len(pieces - 1) / pieces, type = 1)), horizon))
    events <- as.vector(table(cut(days, ends))); exposure <- sapply(seq_along(events), function(j) sum(pmax(pmin(e$time, ends[j + 1]) - ends[j], 0)))
    list(ends = ends, events = events, exposure = exposure)
  })
  names(one) <- levels(d$arm); q <- u <- numeric(m)
  for (k in seq_len(m)) {
    e <- d
    for (a in levels(d$arm)) {
      o <- one[[a]]; rate <- rgamma(length(o$events), o$events) / o$exposure; H <- c(0, cumsum(rate * diff(o$ends)))
      i <- which(e$arm == a & e$status == 0 & e$time < horizon)
      reached <- approx(o$ends, H, e$time[i])$y + rexp(length(i)) / phi[[a]]; happens <- reached < max(H)
      e$time[i] <- ifelse(happens, approx(H, o$ends, reached, rule = 2)$y, horizon); e$status[i] <- as.numeric(happens)
    }
    f <- coxph(Surv(time, status) ~ arm, e); q[k] <- coef(f); u[k] <- vcov(f)
  }
  r <- levels(d$arm)[1]; a <- levels(d$arm)[2]
  record(case, paste0("phi_", r, "=", phi[[r]], ",phi_", a, "=", phi[[a]]), q, u)
}
for (x in list(list(men = 1, women = 1), list(men = 1, women = 2))) hazards("lung hazard", read("lung", c("men", "women")), x, 800, 4)
hazards("aids hazard", read("aids", c("two", "three")), list(two = 1, three = 3), 300, 6)
g <- read("actg175", c("zdv", "ddi")); g <- g[!is.na(g$arm), ]
hazards("actg175 hazard", g, list(zdv = 0.5, ddi = 2), 1000, 6)
write.csv(found, "tests/reference/tipping_point.csv", row.names = FALSE)   # quoted: terms have commas
