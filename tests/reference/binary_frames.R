# The frames with a binary outcome, as tests/reference/binary_frames.py makes them; d (lung, its covariates imputed) and actg come from imputed.R.
source("tests/reference/rows.R")
source("tests/reference/imputed.R")
aids <- read("aids", c("two", "three"))
aids$outcome <- ifelse(aids$status == 1 & aids$time <= 200, 1, ifelse(aids$time > 200, 0, NA))
rossi <- read("rossi", c("no_aid", "aid"))
rossi$outcome <- rossi$status
robincar <- read("robincar", c("pbo", "trt1", "trt2"))
lung <- d
lung$stratum <- lung$centre
actg$received <- as.numeric(actg$arm != "zdv" & actg$age > 30)
aids$received <- ifelse(aids$arm == "three", as.numeric(aids$age %% 5 != 0), as.numeric(aids$age %% 11 == 0))
lung$received <- ifelse(lung$arm == "women", as.numeric(lung$age > 55), as.numeric(lung$age > 72))
frames <- list(actg175 = actg, aids = aids, rossi = rossi, lung = lung, robincar = robincar)
row_of <- function(case, measure, contrast, b, se, term = "", ratio = measure %in% c("rr", "or", "hr"), ...) {
  link <- if (ratio) exp else identity
  add(case, measure, contrast = contrast, term = term, estimate = link(b), se = se, low = link(b - z975 * se), high = link(b + z975 * se), p = 2 * pnorm(-abs(b / se)), ...)
}
