# Means, quantiles (type 7), proportions and standardised differences, from formulas.
source("tests/reference/rows.R")
d <- read("lung", c("men", "women"))
summaries <- function(x) list(mean = mean(x), sd = sd(x), median = median(x), lower_quartile = quantile(x, 0.25, type = 7),
                              upper_quartile = quantile(x, 0.75, type = 7), minimum = min(x), maximum = max(x))
for (v in c("age", "meals", "weight_loss")) {
  by_arm <- lapply(split(d[[v]], d$arm), function(x) x[!is.na(x)])
  for (arm in names(by_arm)) {
    s <- summaries(by_arm[[arm]])
    for (measure in names(s)) add("lung", measure, arm = arm, term = v, estimate = s[[measure]], n = length(by_arm[[arm]]),
                                  missing = sum(d$arm == arm) - length(by_arm[[arm]]))
    add("lung", "mean", arm = arm, term = v, se = sd(by_arm[[arm]]) / sqrt(length(by_arm[[arm]])))
  }
  add("lung", "smd", contrast = "women - men", term = v,
      estimate = (mean(by_arm$women) - mean(by_arm$men)) / sqrt((var(by_arm$women) + var(by_arm$men)) / 2))
}
p <- tapply(d$little_food, d$arm, mean, na.rm = TRUE)
for (arm in names(p)) add("lung", "proportion", arm = arm, term = "little_food", estimate = p[[arm]], events = sum(d$little_food[d$arm == arm], na.rm = TRUE))
add("lung", "smd", contrast = "women - men", term = "little_food", estimate = (p[["women"]] - p[["men"]]) / sqrt(sum(p * (1 - p)) / 2))
shares <- prop.table(table(d$ecog, d$arm), 2)
for (level in rownames(shares)) for (arm in colnames(shares)) add("lung", "proportion", arm = arm, term = paste0("ecog=", level), estimate = shares[level, arm])
k <- nrow(shares) - 1
covariance <- function(q) diag(q) - q %o% q
gap <- shares[1:k, "women"] - shares[1:k, "men"]
S <- (covariance(shares[1:k, "women"]) + covariance(shares[1:k, "men"])) / 2
add("lung", "smd", contrast = "women - men", term = "ecog", estimate = sqrt(drop(t(gap) %*% solve(S) %*% gap)))
more <- function(case, d, numbers, flags) {
  reference <- levels(d$arm)[1]
  for (v in numbers) {
    by_arm <- split(d[[v]], d$arm)
    for (arm in names(by_arm)) { s <- summaries(by_arm[[arm]]); for (measure in names(s)) add(case, measure, arm = arm, term = v, estimate = s[[measure]]) }
    for (arm in levels(d$arm)[-1]) add(case, "smd", contrast = paste(arm, "-", reference), term = v,
      estimate = (mean(by_arm[[arm]]) - mean(by_arm[[reference]])) / sqrt((var(by_arm[[arm]]) + var(by_arm[[reference]])) / 2))
  }
  for (v in flags) {
    p <- tapply(d[[v]], d$arm, mean)
    for (arm in names(p)) add(case, "proportion", arm = arm, term = v, estimate = p[[arm]], events = sum(d[[v]][d$arm == arm]))
    for (arm in levels(d$arm)[-1]) add(case, "smd", contrast = paste(arm, "-", reference), term = v, estimate = (p[[arm]] - p[[reference]]) / sqrt(sum(p[c(arm, reference)] * (1 - p[c(arm, reference)])) / 2))
  }
}
more("aids", read("aids", c("two", "three")), c("age", "cd4"), "status")
more("actg175", read("actg175", c("zdv", "zdv_ddi", "zdv_zal", "ddi")), c("age", "cd40"), "gender")
finish("describe")
