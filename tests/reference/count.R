source("tests/reference/rows.R")
d <- read("lung", c("men", "women"))
for (arm in levels(d$arm)) {
  x <- d$little_food[d$arm == arm]
  add("lung", "count", arm = arm, term = "little_food", estimate = sum(x, na.rm = TRUE), n = sum(!is.na(x)), missing = sum(is.na(x)))
  add("lung", "proportion", arm = arm, term = "little_food", estimate = mean(x, na.rm = TRUE))
}
count <- function(case, d, x, term) for (arm in levels(d$arm)) {
  y <- x[d$arm == arm]
  add(case, "count", arm = arm, term = term, estimate = sum(y, na.rm = TRUE), n = sum(!is.na(y)), missing = sum(is.na(y)))
  add(case, "proportion", arm = arm, term = term, estimate = mean(y, na.rm = TRUE))
}
d <- read("rossi", c("no_aid", "aid")); count("rossi", d, d$status, "status")
d <- read("actg175", c("zdv", "zdv_ddi", "zdv_zal", "ddi")); count("actg175", d, d$outcome, "outcome")
finish("count")
