# Standardised differences over the unweighted spread, variance ratios (cov.wt), Kish's effective number, and the scores' range.
source("tests/reference/rows.R")
balance <- function(case, d, formula, arms, kind) {
  X <- model.matrix(formula, d); A <- as.integer(d$arm == arms[2])
  e <- glm.fit(X, A, family = binomial(), control = list(epsilon = 1e-14, maxit = 100))$fitted.values
  w <- if (kind == "overlap") ifelse(A == 1, 1 - e, e) else ifelse(A == 1, mean(A) / e, (1 - mean(A)) / (1 - e))
  minus <- paste(arms[2], "-", arms[1]); over <- paste(arms[2], "/", arms[1])
  for (name in colnames(X)[-1]) { x <- X[, name]; binary <- all(x %in% 0:1)
    term <- sub("^(ecog)(.+)$", "\\1=\\2", name)
    spread <- sqrt(mean(sapply(1:0, function(k) if (binary) mean(x[A == k]) * (1 - mean(x[A == k])) else var(x[A == k]))))
    for (stage in c("unweighted", "weighted")) { v <- if (stage == "weighted") w else rep(1, length(w))
      mean_of <- sapply(1:0, function(k) weighted.mean(x[A == k], v[A == k]))
      difference <- (mean_of[1] - mean_of[2]) / spread
      add(case, "smd", contrast = minus, term = paste0(term, " (", stage, ")"), estimate = if (abs(difference) < 1e-10) 0 else difference)
      if (!binary) { of <- sapply(1:0, function(k) cov.wt(cbind(x[A == k]), v[A == k] / sum(v[A == k]))$cov); add(case, "variance_ratio", contrast = over, term = paste0(term, " (", stage, ")"), estimate = of[1] / of[2]) }
    } }
  for (k in 0:1) { add(case, "effective_n", arm = arms[k + 1], estimate = sum(w[A == k])^2 / sum(w[A == k]^2))
    add(case, "smallest_score", arm = arms[k + 1], estimate = min(e[A == k])); add(case, "largest_score", arm = arms[k + 1], estimate = max(e[A == k])) }
}
lung <- read("lung", c("men", "women")); kept <- lung[complete.cases(lung[c("age", "ecog", "meals")]), ]; kept$ecog <- factor(kept$ecog, levels = c("much", "none", "some"))
actg <- read("actg175", c("zdv", "zdv_ddi", "zdv_zal", "ddi")); actg <- droplevels(actg[actg$arm %in% c("zdv", "ddi"), ])
for (kind in c("overlap", "inverse_probability")) {
  balance(paste("lung", kind), kept, ~ age + ecog + meals, c("men", "women"), kind)
  balance(paste("actg175", kind), actg, ~ age + cd40 + gender, c("zdv", "ddi"), kind)
  balance(paste("rossi", kind), read("rossi", c("no_aid", "aid")), ~ age + prio, c("no_aid", "aid"), kind)
}
finish("balance")
