source("tests/reference/rows.R")
families <- list(a = c(0.01, 0.02, 0.03, 0.005), b = c(0.04, 0.04, 0.5), c = c(0.2), d = c(0.001, 0.9, 0.03, 0.03, 0.012, 0.051), e = c(1, 0.6, 0.8))
for (name in names(families)) for (method in c("holm", "hochberg")) {
  adjusted <- p.adjust(families[[name]], method)
  for (i in seq_along(adjusted)) add(name, method, term = i, p = adjusted[i])
}
finish("multiplicity")
