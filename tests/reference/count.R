source("tests/reference/rows.R")
d <- read("lung", c("men", "women"))
for (arm in levels(d$arm)) {
  x <- d$little_food[d$arm == arm]
  add("lung", "count", arm = arm, term = "little_food", estimate = sum(x, na.rm = TRUE), n = sum(!is.na(x)), missing = sum(is.na(x)))
  add("lung", "proportion", arm = arm, term = "little_food", estimate = mean(x, na.rm = TRUE))
}
finish("count")
