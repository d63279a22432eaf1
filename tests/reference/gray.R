source("tests/reference/rows.R")
suppressPackageStartupMessages(library(cmprsk))
test <- function(case, data, status = "status", stratum = NULL) {
  arms <- levels(data$arm)
  t <- if (is.null(stratum)) cuminc(data$time, data[[status]], data$arm)$Tests else cuminc(data$time, data[[status]], data$arm, strata = data[[stratum]])$Tests
  for (cause in rownames(t)) add(case, "chisq", contrast = if (length(arms) == 2) paste(arms[2], "-", arms[1]) else "", term = if (cause == "1") "" else cause,
                                 statistic = t[cause, "stat"], p = t[cause, "pv"], df = t[cause, "df"])
}
aids <- read("aids", c("two", "three"))
test("aids", aids, "cause")
test("aids strata", aids, "cause", "stratum")
test("transplants", read("transplants", c("marrow", "blood")))
test("mgus", read("mgus", c("women", "men")))
# Many ties and three groups: arrests of the older are another cause.
rossi <- read("rossi", c("no_aid", "aid"))
rossi$cause <- ifelse(rossi$status == 1 & rossi$age > 25, 2, rossi$status)
rossi$arm <- factor(paste0("g", rossi$prio %% 3))
test("rossi", rossi, "cause")
test("rossi strata", rossi, "cause", "stratum")
# No competing cause at all.
test("lung", read("lung", c("men", "women")))
finish("gray")
