# Clubs in one arm, from the formulas; sandwich::vcovCL and survival's dfbeta for what each club adds. Without K / (K - 1) the parts add up to vcovCL(HC0, cadj = FALSE): the script stops if not.
source("tests/reference/binary_frames.R")
suppressMessages({library(sandwich); library(survival)})
clubs <- list()
lung$cluster <- ifelse(lung$arm == "women", lung$centre, ""); clubs$lung <- lung
rossi$cluster <- ifelse(rossi$arm == "aid", rossi$prio, ""); clubs$rossi <- rossi
cgd <- read("cgd", c("placebo", "interferon"))
cgd <- do.call(rbind, lapply(split(cgd, cgd$id), function(d) transform(d[1, ], outcome = max(d$status))))
cgd$cluster <- ifelse(cgd$arm == "interferon" & cgd$age != 7, cgd$centre, ""); clubs$cgd <- cgd
parts <- function(influence, d) {
  unit <- ifelse(d$cluster == "", paste("alone", seq_len(nrow(d))), paste("in", d$cluster))
  total <- tapply(influence, unit, sum); first <- match(names(total), unit)
  group <- paste(d$arm[first], d$cluster[first] != "")
  do.call(rbind, lapply(sort(unique(group)), function(g) {
    u <- total[group == g]; k <- length(u); club <- grepl("TRUE", g)
    data.frame(v = sum(u^2) * (if (club) k / (k - 1) else 1), plain = sum(u^2), df = k - 1, club)
  }))
}
degrees <- function(q, corrected) {
  if (!corrected) return(sum(q$v)^2 / sum(q$v^2 / q$df))
  v <- q$v[q$club]; k <- q$df[q$club]; w <- sum(q$v[!q$club]); s <- sum((q$v^2 / q$df)[!q$club])
  a <- max(k - 2, 0) / k; b <- max(k - 2, 0) * max(k - 4, 0) / k^2
  (1 + 2 * (w / v) * a + (w / v)^2 * b) / (1 / k + s / v^2 * b)
}
contrast <- function(case, measure, d, b, influence, ratio, check = NULL) {
  q <- parts(influence, d); se <- sqrt(sum(q$v))
  if (!is.null(check)) stopifnot(abs(sum(q$plain) / check - 1) < 1e-8)
  sign <- if (ratio) "/" else "-"
  for (corrected in c(TRUE, FALSE)) {
    df <- degrees(q, corrected); t <- qt(0.975, df); f <- if (ratio) exp else identity
    add(if (corrected) case else paste(case, "plain"), measure, contrast = paste(levels(d$arm)[2], sign, levels(d$arm)[1]), estimate = f(b), se = se, low = f(b - t * se), high = f(b + t * se),
        df = df, p = 2 * pt(-abs(b / se), df))
  }
}
whole <- function(case, d, covariates) {
  d <- d[!is.na(d$outcome), ]
  unit <- ifelse(d$cluster == "", paste("alone", seq_len(nrow(d))), paste("in", d$cluster))
  arm <- levels(d$arm)[2]; name <- paste0("arm", arm)
  p <- tapply(d$outcome, d$arm, mean); n <- table(d$arm)
  contrast(case, "rd", d, p[[2]] - p[[1]], (d$outcome - p[d$arm]) / n[d$arm] * ifelse(d$arm == arm, 1, -1), FALSE, vcovCL(lm(outcome ~ arm, d), cluster = unit, type = "HC0", cadj = FALSE)[2, 2])
  for (a in levels(d$arm)) {
    i <- d$arm == a; q <- parts((d$outcome[i] - p[[a]]) / n[[a]], d[i, ]); se <- sqrt(sum(q$v)); df <- degrees(q, FALSE); width <- qt(0.975, df) * se / (p[[a]] * (1 - p[[a]]))
    add(case, "proportion", arm = a, estimate = p[[a]], se = se, low = plogis(qlogis(p[[a]]) - width), high = plogis(qlogis(p[[a]]) + width), df = df)
  }
  adjusted <- as.formula(paste("outcome ~ arm +", paste(covariates, collapse = " + ")))
  for (kind in c("rd", "or")) {
    f <- if (kind == "rd") lm(adjusted, d) else glm(adjusted, binomial, d, control = glm.control(epsilon = 1e-14, maxit = 100))
    influence <- estfun(f) %*% bread(f) / nobs(f)
    contrast(paste(case, "adjusted"), kind, d, coef(f)[[name]], influence[, name], kind == "or", vcovCL(f, cluster = unit, type = "HC0", cadj = FALSE)[name, name])
  }
  inside <- d[d$cluster != "", ]; table <- summary(aov(outcome ~ factor(cluster), inside))[[1]]
  m <- as.numeric(table(inside$cluster)); N <- sum(m); k <- length(m); m0 <- (N - sum(m^2) / N) / (k - 1)
  F <- table$`F value`[1]; rho <- (F - 1) / (F + m0 - 1)
  se <- sqrt(2 * (1 - rho)^2 / m0^2 * ((1 + rho * (m0 - 1))^2 / (N - k) + ((k - 1) * (1 - rho) * (1 + rho * (2 * m0 - 1)) + rho^2 * (sum(m^2) - 2 * sum(m^3) / N + sum(m^2)^2 / N^2)) / (k - 1)^2))
  limit <- function(q) { f <- F / qf(q, k - 1, N - k); (f - 1) / (f + m0 - 1) }
  add(case, "icc", arm = arm, estimate = rho, se = se, low = limit(0.975), high = limit(0.025))
  add(paste(case, "smith"), "icc", arm = arm, estimate = rho, se = se, low = max(rho - z975 * se, -1), high = min(rho + z975 * se, 1))
}
whole("lung", clubs$lung, "age")
whole("rossi", clubs$rossi, c("age", "wexp"))
whole("cgd", clubs$cgd, c("age", "steroids"))
hazards <- function(case, d, covariates) {
  f <- coxph(as.formula(paste("Surv(time, status) ~ arm", paste(c("", covariates), collapse = " + "))), d, control = coxph.control(eps = 1e-12, iter.max = 50))
  influence <- as.matrix(residuals(f, "dfbeta"))[, 1]
  unit <- ifelse(d$cluster == "", paste("alone", seq_len(nrow(d))), paste("in", d$cluster))
  robust <- coxph(update(formula(f), . ~ . + cluster(unit)), transform(d, unit = unit), control = coxph.control(eps = 1e-12, iter.max = 50))
  contrast(paste(case, "cox"), "hr", d, coef(f)[[1]], influence, TRUE, vcov(robust)[1, 1])
}
lung2 <- read("lung", c("men", "women")); lung2$cluster <- clubs$lung$cluster; lung2$status <- as.numeric(lung2$status == 1)
hazards("lung", lung2, character())
hazards("lung adjusted", lung2, "age")
rossi2 <- read("rossi", c("no_aid", "aid")); rossi2$cluster <- clubs$rossi$cluster
hazards("rossi", rossi2, "age")
finish("partially_nested")
