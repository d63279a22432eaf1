# Log-Wald when crude; else Poisson regression with sandwich's HC0, or vcovCL's HC0 by cluster with its default factor G / (G - 1) (`cadj`).
source("tests/reference/binary_frames.R")
library(sandwich)
crude <- function(case, data) {
  k <- data[!is.na(data$outcome), ]
  x <- tapply(k$outcome, k$arm, sum); n <- table(k$arm); reference <- levels(k$arm)[1]
  for (arm in levels(k$arm)[-1])
    row_of(case, "rr", paste(arm, "/", reference), log(x[arm] / n[arm] / (x[reference] / n[reference])), sqrt(1 / x[arm] - 1 / n[arm] + 1 / x[reference] - 1 / n[reference]))
}
adjusted <- function(case, formula, data, cluster = NULL) {
  k <- data[!is.na(data$outcome), ]
  f <- glm(formula, poisson, k, control = tight)
  v <- if (is.null(cluster)) vcovHC(f, type = "HC0") else vcovCL(f, cluster = k[[cluster]], type = "HC0")
  reference <- levels(k$arm)[1]
  for (column in names(coef(f))[-1]) {
    arm <- sub("^arm", "", column); is_arm <- arm != column
    row_of(case, "rr", if (is_arm) paste(arm, "/", reference) else "", coef(f)[column], sqrt(v[column, column]),
           term = if (is_arm) "" else if (column %in% names(name)) name[[column]] else sub("^stratum", "stratum=", column))
  }
}
for (case in names(frames)) crude(paste(case, "crude"), frames[[case]])
adjusted("actg175 adjusted", outcome ~ arm + age + cd40 + gender + stratum, actg)
adjusted("aids adjusted", outcome ~ arm + age + cd4 + stratum, aids)
adjusted("rossi adjusted", outcome ~ arm + age + prio + stratum, rossi)
adjusted("lung adjusted", outcome ~ arm + age + meals + little_food + little_food_unknown + ecog, lung)
adjusted("actg175 clustered", outcome ~ arm, transform(actg, cluster = age), "cluster")
adjusted("lung clustered", outcome ~ arm + age + ecog, lung, "centre")
adjusted("rossi clustered", outcome ~ arm + age, rossi, "prio")
finish("risk_ratio")
