# geepack::geeglm for coefficients and robust SE; Mancl-DeRouen and Kauermann-Carroll from their formulas, cluster by cluster. geepack estimates alpha by another
# moment (without the degrees of freedom), so alpha is Liang and Zeger's here: geeglm with that alpha held fixed, until alpha no longer moves.
source("tests/reference/repeated_frames.R")
suppressMessages(library(geepack))
control <- geese.control(epsilon = 1e-12, maxit = 200)
families <- list(logit = binomial(), log = poisson(), identity = gaussian())
measures <- c(logit = "or", log = "rr", identity = "rd")
one <- function(case, d, covariates = character(), link = "logit", exchangeable = FALSE, correction = "none", weighted = FALSE, normal = FALSE) {
  everyone <- d
  d <- d[!is.na(d$outcome), ]
  d <- d[order(d$id), ]
  m <- model(d, covariates); x <- m$x; p <- ncol(x); y <- d$outcome
  w <- if (weighted) d$weight else rep(1, nrow(d))
  family <- families[[link]]
  data <- cbind(as.data.frame(x), y = y, w = w, cluster = as.integer(d$id))
  formula <- as.formula(paste("y ~ 0 +", paste(colnames(x), collapse = " + ")))
  sizes <- as.integer(table(factor(data$cluster, levels = unique(data$cluster)))); pairs <- sum(sizes * (sizes - 1) / 2)
  fit <- suppressWarnings(geeglm(formula, family = family, data = data, id = cluster, weights = w, corstr = "independence", control = control))
  alpha <- 0
  if (exchangeable) repeat {
    r <- (y - fit$fitted.values) / sqrt(family$variance(as.vector(fit$fitted.values)))
    total <- rowsum(as.vector(r), data$cluster)
    new <- (sum(total^2) - sum(r^2)) / 2 / (pairs - p) / (sum(r^2) / (length(r) - p))
    if (abs(new - alpha) < 1e-13) break
    alpha <- new
    fit <- suppressWarnings(geeglm(formula, family = family, data = data, id = cluster, corstr = "fixed", zcor = rep(alpha, pairs), control = control))
  }
  b <- coef(fit); v <- fit$geese$vbeta
  if (correction != "none") {
    mu <- as.vector(family$linkinv(x %*% b)); slope <- as.vector(family$mu.eta(x %*% b))
    rows <- split(seq_len(nrow(x)), data$cluster)
    inverse <- function(i) { s <- diag(sqrt(family$variance(mu[i]) / w[i]), length(i)); solve(s %*% (alpha + (1 - alpha) * diag(length(i))) %*% s) }
    bread <- solve(Reduce(`+`, lapply(rows, function(i) { D <- slope[i] * x[i, , drop = FALSE]; t(D) %*% inverse(i) %*% D })))
    meat <- Reduce(`+`, lapply(rows, function(i) {
      D <- slope[i] * x[i, , drop = FALSE]; left <- diag(length(i)) - D %*% bread %*% t(D) %*% inverse(i)
      power <- if (correction == "mancl_derouen") solve(left) else { e <- eigen(left); Re(e$vectors %*% diag(1 / sqrt(e$values), length(i)) %*% solve(e$vectors)) }
      u <- t(D) %*% inverse(i) %*% power %*% (y[i] - mu[i]); u %*% t(u)
    }))
    v <- bread %*% meat %*% bread
  }
  groups <- length(unique(data$cluster)); df <- if (normal) Inf else groups - p
  q <- qt(0.975, df); reference <- levels(d$arm)[1]
  arms <- length(levels(d$arm)) - 1
  row <- function(measure, contrast, term, value, se, ratio) {
    f <- if (ratio) exp else identity
    add(case, measure, contrast = contrast, term = term, estimate = f(value), se = se, low = f(value - q * se), high = f(value + q * se), p = 2 * pt(-abs(value / se), df))
  }
  risks <- function(visit, arm) {
    inside <- d$visit == visit
    z <- x[inside, , drop = FALSE]
    for (j in which(m$named[, 1] == visit)) z[, m$visits + j] <- as.numeric(m$named[j, 2] == arm)
    eta <- as.vector(z %*% b); share <- w[inside] / sum(w[inside])
    list(p = sum(share * family$linkinv(eta)), g = colSums(share * family$mu.eta(eta) * z))
  }
  for (k in levels(d$visit)) {
    for (a in levels(d$arm)) {
      r <- risks(k, a); se <- sqrt(drop(r$g %*% v %*% r$g)); width <- q * se / (r$p * (1 - r$p))
      add(case, "proportion", arm = a, term = k, estimate = r$p, se = se, low = plogis(qlogis(r$p) - width), high = plogis(qlogis(r$p) + width))
    }
    for (j in which(m$named[, 1] == k)) {
      at <- m$visits + j; a <- m$named[j, 2]
      row(measures[[link]], paste(a, if (link == "identity") "-" else "/", reference), k, b[[at]], sqrt(v[at, at]), link != "identity")
      if (link != "identity") {
        g <- risks(k, a)$g - risks(k, reference)$g
        row("rd", paste(a, "-", reference), k, risks(k, a)$p - risks(k, reference)$p, sqrt(drop(g %*% v %*% g)), FALSE)
      }
    }
  }
  test <- function(term, L) {
    W <- drop(t(L %*% b) %*% solve(L %*% v %*% t(L)) %*% (L %*% b))
    if (normal) add(case, "chisq", term = term, statistic = W, df = nrow(L), p = pchisq(W, nrow(L), lower.tail = FALSE))
    else add(case, "f", term = term, statistic = W / nrow(L), df = df, p = pf(W / nrow(L), nrow(L), df, lower.tail = FALSE))
  }
  E <- diag(p)[m$visits + seq_len(nrow(m$named)), ]
  test("all visits", E)
  test("arm x visit", E[-seq_len(arms), , drop = FALSE] - E[rep(seq_len(arms), m$visits - 1), , drop = FALSE])
  # geepack's own exchangeable fit, for the coefficients only: its alpha is another moment, its odds ratios agree to 1e-3.
  if (exchangeable && !normal && link == "logit") {
    own <- coef(geeglm(formula, family = family, data = data, id = cluster, corstr = "exchangeable", control = control))
    for (j in seq_len(nrow(m$named))) add(paste(case, "geepack"), "or", contrast = paste(m$named[j, 2], "/", reference), term = m$named[j, 1], estimate = exp(own[[m$visits + j]]))
  }
}
respiratory <- visits("respiratory"); seizure <- visits("seizure"); ohio <- visits("ohio"); bacteria <- visits("bacteria")
one("respiratory plain", respiratory, correction = "none")
one("respiratory", respiratory, c("age", "sex", "baseline"), correction = "mancl_derouen")
one("respiratory exchangeable", respiratory, c("age", "sex", "baseline"), exchangeable = TRUE, correction = "kauermann_carroll")
one("respiratory weighted", respiratory, c("sex"), correction = "none", weighted = TRUE)
one("respiratory weighted md", respiratory, c("sex"), correction = "mancl_derouen", weighted = TRUE)
one("seizure", seizure, "before", correction = "mancl_derouen")
one("seizure exchangeable", seizure, "before", exchangeable = TRUE, correction = "none")
one("seizure kc", seizure, "before", correction = "kauermann_carroll")
one("seizure log", seizure, link = "log", exchangeable = TRUE, correction = "mancl_derouen")
one("ohio", ohio, exchangeable = TRUE, correction = "none", normal = TRUE)
one("ohio identity", ohio, link = "identity", exchangeable = TRUE, correction = "none")
one("bacteria", bacteria, correction = "mancl_derouen")
finish("gee")
