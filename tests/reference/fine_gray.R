# cmprsk::crr. With a censoring curve per group its variance sums q(u) over all groups, which Fine and Gray's q does not: coefficients only there.
source("tests/reference/rows.R")
library(cmprsk)
ratios <- function(case, data, status, right, by = NULL) {
  x <- model.matrix(as.formula(paste("~ arm", right)), data)[, -1, drop = FALSE]
  group <- if (is.null(by)) rep(1, nrow(data)) else as.integer(by)
  f <- crr(data$time, status, x, cengroup = group, gtol = 1e-13, maxiter = 60)
  for (column in colnames(x)) {
    b <- f$coef[[column]]; se <- sqrt(f$var[which(colnames(x) == column), which(colnames(x) == column)]); arm <- sub("^arm", "", column); is_arm <- arm != column
    contrast <- if (is_arm) paste(arm, "/", levels(data$arm)[1]) else ""; term <- if (is_arm) "" else sub("^stratum", "stratum=", column)
    if (is.null(by)) add(case, "shr", contrast = contrast, term = term, estimate = exp(b), se = se, low = exp(b - z975 * se), high = exp(b + z975 * se), p = 2 * pnorm(-abs(b / se)))
    else add(case, "shr", contrast = contrast, term = term, estimate = exp(b))
  }
  arms <- which(startsWith(colnames(x), "arm"))
  if (length(arms) > 1) {
    wald <- drop(f$coef[arms] %*% solve(f$var[arms, arms]) %*% f$coef[arms])
    add(case, "chisq", term = "wald", statistic = wald, df = length(arms), p = pchisq(wald, length(arms), lower.tail = FALSE))
  }
}
transplants <- read("transplants", c("marrow", "blood"))
for (cause in 1:3) ratios(paste("transplants", cause), transplants, ifelse(transplants$status == 0, 0, ifelse(transplants$status == cause, 1, 2)), "+ age")
ratios("transplants by arm", transplants, ifelse(transplants$status == 0, 0, ifelse(transplants$status == 1, 1, 2)), "+ age", transplants$arm)
aids <- read("aids", c("two", "three"))
ratios("aids", aids, aids$cause, "+ age + stratum")
mgus <- read("mgus", c("women", "men"))
ratios("mgus", mgus, mgus$status, "+ age")
ratios("mgus by arm", mgus, mgus$status, "+ age", mgus$arm)
# Many ties between failures, competing events and censoring, three arms.
colon <- read("colon", c("none", "lev", "lev5fu"))
colon$time <- ceiling(colon$time / 90); colon$status <- colon$status * ifelse(colon$age %% 4 == 0, 2, 1)
ratios("colon", colon, colon$status, "+ age")
finish("fine_gray")
