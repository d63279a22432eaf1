# Weights by the inverse probability of being uncensored: models by coxph (Breslow) and glm, estimates from their definitions (the hazard ratio
# also by coxph on the split data), standard errors by the infinitesimal jackknife: the whole procedure refitted with the case weight of one
# person a little up and a little down, for every person.
source("tests/reference/rows.R")
suppressMessages(library(survival))
before <- 1e-2   # days: an event on the day of a censoring comes first
chance <- function(d, x, horizon, model, every, cw) {          # function(times) -> matrix of G(t-)
  lost <- d$status == 0 & d$time < horizon
  if (model == "cox") {
    t <- ifelse(d$status > 0, d$time - before, d$time)
    if (ncol(x)) {
      fit <- coxph(Surv(t, lost) ~ x, weights = cw, ties = "breslow", control = coxph.control(eps = 1e-13, iter.max = 50), robust = FALSE)
      h <- basehaz(fit, centered = FALSE); e <- exp(drop(x %*% coef(fit)))
    } else {
      fit <- survfit(Surv(t, lost) ~ 1, weights = cw, robust = FALSE); h <- data.frame(time = fit$time, hazard = fit$cumhaz); e <- rep(1, nrow(d))
    }
    step <- stepfun(h$time, c(0, h$hazard))
    return(function(at) exp(-outer(e, step(at - before / 2))))
  }
  ends <- c(seq(every, horizon, every), horizon); ends <- unique(ends[ends <= horizon]); starts <- c(0, head(ends, -1))
  rows <- do.call(rbind, lapply(seq_along(ends), function(k) {
    i <- which(d$time > starts[k]); if (!length(i)) NULL else data.frame(i, k, y = as.numeric(lost[i] & d$time[i] <= ends[k])) }))
  used <- sort(unique(rows$k[rows$y == 1])); rows <- rows[rows$k %in% used, ]
  X <- cbind(sapply(used, function(k) as.numeric(rows$k == k)), x[rows$i, , drop = FALSE])
  fit <- suppressWarnings(glm.fit(X, rows$y, weights = cw[rows$i], family = binomial(), control = glm.control(epsilon = 1e-14, maxit = 100)))
  p <- plogis(outer(if (ncol(x)) drop(x %*% fit$coefficients[-seq_along(used)]) else rep(0, nrow(d)), fit$coefficients[seq_along(used)], "+"))
  function(at) exp(log1p(-p) %*% t(sapply(seq_along(used), function(j) pmin(pmax((at - starts[used[j]]) / (ends[used[j]] - starts[used[j]]), 0), 1))))
}
g_matrix <- function(g, at) { m <- g(at); matrix(m, ncol = length(at)) }
risk <- function(d, x, horizon, model, every, cw) {
  g <- chance(d, x, horizon, model, every, cw)
  known <- d$time >= horizon | d$status > 0; y <- d$status == 1 & d$time <= horizon; t <- pmin(d$time, horizon); at <- sort(unique(t))
  w <- ifelse(known, 1 / g_matrix(g, at)[cbind(seq_along(t), match(t, at))], 0) * cw
  c(sum(w * y) / sum(w), max(w / cw), sum(w)^2 / sum(w^2))
}
km <- function(d, x, horizon, model, every, cw) {
  g <- chance(d, x, horizon, model, every, cw); at <- sort(unique(d$time[d$status == 1 & d$time <= horizon]))
  w <- cw / g_matrix(g, at); Y <- outer(d$time, at, ">="); dN <- outer(d$time, at, "==") * (d$status == 1)
  prod(1 - colSums(w * dN) / colSums(w * Y))
}
split_weights <- function(d, arms, xs, horizon, model, every, cw) {
  at <- sort(unique(d$time[d$status == 1 & d$time <= horizon])); w <- matrix(0, nrow(d), length(at))
  for (a in levels(d$arm)) { i <- which(d$arm == a); none <- matrix(0, length(i), 0)
    w[i, ] <- g_matrix(chance(d[i, ], none, horizon, model, every, cw[i]), at) / g_matrix(chance(d[i, ], xs[i, , drop = FALSE], horizon, model, every, cw[i]), at) }
  list(at = at, w = w * cw)
}
loghr <- function(d, xs, horizon, model, every, cw) {           # two arms: one coefficient, by Newton on the weighted Breslow score
  s <- split_weights(d, NULL, xs, horizon, model, every, cw); z <- as.numeric(d$arm != levels(d$arm)[1])
  Y <- outer(d$time, s$at, ">="); dN <- outer(d$time, s$at, "==") * (d$status == 1); wd <- colSums(s$w * dN); wdz <- sum(s$w * dN * z); b <- 0
  for (i in 1:40) { e <- exp(b * z); s0 <- colSums(s$w * Y * e); m <- colSums(s$w * Y * e * z) / s0; b <- b + (wdz - sum(wd * m)) / sum(wd * m * (1 - m)) }
  b
}
by_coxph <- function(d, xs, horizon, model, every) {
  s <- split_weights(d, NULL, xs, horizon, model, every, rep(1, nrow(d)))
  rows <- do.call(rbind, lapply(seq_along(s$at), function(j) { i <- which(d$time >= s$at[j]); data.frame(start = if (j == 1) 0 else s$at[j - 1], stop = s$at[j],
    event = d$time[i] == s$at[j] & d$status[i] == 1, arm = d$arm[i], w = s$w[i, j]) }))
  unname(coef(coxph(Surv(start, stop, event) ~ arm, rows, weights = w, ties = "breslow", control = coxph.control(eps = 1e-13))))
}
jackknife <- function(f, n) {
  e <- 1e-4
  sqrt(sum(sapply(seq_len(n), function(i) { up <- down <- rep(1, n); up[i] <- 1 + e; down[i] <- 1 - e; (f(up) - f(down)) / (2 * e) })^2))
}
check <- function(case, d, xs, horizon, every, hr = TRUE) for (model in c("cox", "logistic")) {
  name <- paste(case, model); one <- rep(1, nrow(d)); arms <- levels(d$arm); r <- k <- rse <- kse <- c()
  for (a in arms) {
    i <- which(d$arm == a); x <- scale(xs[i, , drop = FALSE], scale = FALSE); x <- matrix(x, length(i))
    found <- risk(d[i, ], x, horizon, model, every, one[i]); r[a] <- found[1]; rse[a] <- jackknife(function(cw) risk(d[i, ], x, horizon, model, every, cw)[1], length(i))
    add(paste(name, "risk"), "proportion", arm = a, time = horizon, estimate = found[1], se = rse[a])
    if (hr) { k[a] <- km(d[i, ], x, horizon, model, every, one[i]); kse[a] <- jackknife(function(cw) km(d[i, ], x, horizon, model, every, cw), length(i))
      add(paste(name, "km"), "survival", arm = a, time = horizon, estimate = k[a], se = kse[a], low = k[a]^exp(-z975 * kse[a] / (k[a] * log(k[a]))), high = k[a]^exp(z975 * kse[a] / (k[a] * log(k[a])))) }
  }
  minus <- paste(arms[2], "-", arms[1]); over <- paste(arms[2], "/", arms[1]); d1 <- r[2] - r[1]; se <- sqrt(sum(rse^2))
  add(paste(name, "risk"), "rd", contrast = minus, time = horizon, estimate = d1, se = se, low = d1 - z975 * se, high = d1 + z975 * se, p = 2 * pnorm(-abs(d1 / se)))
  se <- sqrt(sum((rse / r)^2)); add(paste(name, "risk"), "rr", contrast = over, time = horizon, estimate = r[2] / r[1], se = se)
  se <- sqrt(sum((rse / (r * (1 - r)))^2)); add(paste(name, "risk"), "or", contrast = over, time = horizon, estimate = r[2] / (1 - r[2]) * (1 - r[1]) / r[1], se = se)
  if (hr) {
    d1 <- k[2] - k[1]; se <- sqrt(sum(kse^2)); add(paste(name, "km"), "survival_difference", contrast = minus, time = horizon, estimate = d1, se = se, p = 2 * pnorm(-abs(d1 / se)))
    centred <- xs; for (a in arms) { i <- d$arm == a; centred[i, ] <- scale(xs[i, , drop = FALSE], scale = FALSE) }
    add(paste(name, "cox"), "hr", contrast = over, estimate = exp(by_coxph(d, centred, horizon, model, every)), se = jackknife(function(cw) loghr(d, centred, horizon, model, every, cw), nrow(d)))
  }
}
l <- read("lung", c("men", "women")); l$meals[is.na(l$meals)] <- mean(l$meals, na.rm = TRUE)
check("lung", l, cbind(l$age, l$meals), 300, 30)
a <- read("aids", c("two", "three")); a <- a[seq_len(nrow(a)) %% 6 == 0, ]
check("aids", a, cbind(a$age, a$cd4), 200, 30)
a$status <- a$cause
check("aids competing", a, cbind(a$cd4), 250, 50, hr = FALSE)
g <- read("actg175", c("zdv", "zdv_ddi")); g <- g[!is.na(g$arm), ]; g <- g[seq_len(nrow(g)) %% 6 == 0, ]
check("actg175", g, cbind(g$cd40), 900, 60)
finish("ipcw")
