# cox.zph of survival 3: the exact score test.
source("tests/reference/rows.R")
library(survival)
tight <- coxph.control(eps = 1e-13, toler.chol = 1e-14, iter.max = 60)
zph <- function(case, f, data, transform = "km") {
  table <- cox.zph(f, transform = transform)$table
  contrast <- if (nlevels(data$arm) == 2) paste(levels(data$arm)[2], "-", levels(data$arm)[1]) else ""
  for (term in rownames(table)) {
    if (term == "GLOBAL" && nrow(table) == 2) next
    add(case, "chisq", contrast = if (term == "arm") contrast else "", term = if (term == "arm") "" else if (term == "GLOBAL") "global" else term,
        statistic = table[term, "chisq"], df = table[term, "df"], p = table[term, "p"])
  }
}
lung <- read("lung", c("men", "women"))
f <- coxph(Surv(time, status) ~ arm + age, lung, control = tight); zph("lung", f, lung)
f <- coxph(Surv(time, status) ~ arm, lung, control = tight); zph("lung arm", f, lung)
rossi <- read("rossi", c("no_aid", "aid"))
f <- coxph(Surv(time, status) ~ arm + age + race + wexp + mar + paro + prio, rossi, control = tight)
for (transform in c("km", "rank", "identity", "log")) zph(paste("rossi", transform), f, rossi, transform)
f <- coxph(Surv(time, status) ~ arm + age + prio + strata(stratum), rossi, ties = "breslow", control = tight); zph("rossi breslow strata", f, rossi)
aids <- read("aids", c("two", "three"))
f <- coxph(Surv(time, status) ~ arm + age + strata(stratum), aids, control = tight); zph("aids", f, aids)
gbsg <- read("gbsg", c("none", "hormones")); gbsg$grade <- gbsg$stratum
f <- coxph(Surv(time, status) ~ arm + age + nodes + grade, gbsg, control = tight); zph("gbsg", f, gbsg)
colon <- read("colon", c("none", "lev", "lev5fu"))
f <- coxph(Surv(time, status) ~ arm + age + sex + strata(stratum), colon, control = tight); zph("colon", f, colon)
heart <- read.csv("tests/reference/data/heart.csv"); heart$arm <- factor("all")
f <- coxph(Surv(entry, time, status) ~ transplant + age + surgery, heart, control = tight); zph("heart", f, heart)
finish("proportional_hazards")
