# coxph on those followed and free of the event at the landmark.
source("tests/reference/rows.R")
library(survival)
tight <- coxph.control(eps = 1e-13, toler.chol = 1e-14, iter.max = 60)
rows <- function(case, f, terms, events) for (column in names(terms)) {
  b <- coef(f)[[column]]; se <- sqrt(vcov(f)[column, column])
  add(case, "hr", term = terms[[column]], estimate = exp(b), se = se, low = exp(b - z975 * se), high = exp(b + z975 * se), p = 2 * pnorm(-abs(b / se)), n = f$n, events = f$nevent)
}
jasa <- read.csv("tests/reference/data/jasa.csv")
d <- subset(jasa, time > 30); d$waited <- as.numeric(!is.na(d$waited) & d$waited <= 30)
rows("jasa", coxph(Surv(time - 30, status) ~ waited + age + surgery, d, control = tight), list(waited = "waited", age = "age", surgery = "surgery"))
rows("jasa robust", coxph(Surv(time - 30, status) ~ waited + age, d, robust = TRUE, control = tight), list(waited = "waited", age = "age"))
myeloid <- read("myeloid", c("A", "B"))
d <- subset(myeloid, time > 180); d$transplanted <- as.numeric(!is.na(d$transplanted) & d$transplanted <= 180)
rows("myeloid", coxph(Surv(time, status) ~ arm + transplanted, d, control = tight), list(transplanted = "transplanted"))
d$status[d$time > 730] <- 0; d$time <- pmin(d$time, 730)
rows("myeloid until", coxph(Surv(time, status) ~ arm + transplanted, d, control = tight), list(transplanted = "transplanted"))
# A state at the landmark instead of a day: an early infection.
cgd <- read("cgd", c("placebo", "interferon"))
first <- cgd[!duplicated(cgd$id), ]
first$last <- tapply(cgd$time, cgd$id, max)[as.character(first$id)]
first$infected <- as.numeric(first$status == 1 & first$time <= 100)
later <- cgd[cgd$time > 100 & cgd$status == 1, ]; later <- later[!duplicated(later$id), ]
first$status <- as.numeric(first$id %in% later$id); first$time <- ifelse(first$status == 1, later$time[match(first$id, later$id)], first$last)
d <- subset(first, time > 100)
rows("cgd", coxph(Surv(time, status) ~ arm + infected + age + strata(stratum), d, control = tight), list(infected = "infected", age = "age"))
finish("landmark")
