# coxph per cause, the others censored.
source("tests/reference/rows.R")
library(survival)
tight <- coxph.control(eps = 1e-13, toler.chol = 1e-14, iter.max = 60)
by_cause <- function(case, data, status, right, causes, robust = FALSE) for (cause in causes) {
  data$event <- status == cause
  name <- if (cause == 1) "" else as.character(cause)
  behind <- if (cause == 1) "" else paste0(" (", cause, ")")
  f <- coxph(as.formula(paste("Surv(time, event) ~ arm", right)), data, robust = robust, control = tight)
  for (column in names(coef(f))) {
    b <- coef(f)[[column]]; se <- sqrt(vcov(f)[column, column]); is_arm <- startsWith(column, "arm")
    add(case, "hr", contrast = if (is_arm) paste(sub("^arm", "", column), "/", levels(data$arm)[1]) else "", term = if (is_arm) name else paste0(column, behind),
        estimate = exp(b), se = se, low = exp(b - z975 * se), high = exp(b + z975 * se), p = 2 * pnorm(-abs(b / se)), events = sum(data$event[if (is_arm) data$arm %in% c(levels(data$arm)[1], sub("^arm", "", column)) else TRUE]))
  }
  if (!robust && right == "") {
    lr <- 2 * diff(f$loglik)
    add(case, "chisq", contrast = paste(levels(data$arm)[2], "-", levels(data$arm)[1]), term = paste0("likelihood ratio", behind), statistic = lr, df = 1, p = pchisq(lr, 1, lower.tail = FALSE))
    add(case, "chisq", contrast = paste(levels(data$arm)[2], "-", levels(data$arm)[1]), term = paste0("score", behind), statistic = f$score, p = pchisq(f$score, 1, lower.tail = FALSE))
  }
}
transplants <- read("transplants", c("marrow", "blood"))
by_cause("transplants", transplants, transplants$status, "+ age", 1:3)
aids <- read("aids", c("two", "three"))
by_cause("aids", aids, aids$cause, "+ strata(stratum)", 1:2, robust = TRUE)
mgus <- read("mgus", c("women", "men"))
by_cause("mgus", mgus, mgus$status, "", 1:2)
finish("cause_specific")
