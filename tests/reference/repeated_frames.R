# The frames of tests/reference/repeated_frames.py.
source("tests/reference/rows.R")
arms <- list(respiratory = c("placebo", "active"), seizure = c("placebo", "progabide"), ohio = c("none", "smoke"), bacteria = c("placebo", "drug", "drugplus"),
             orthodont = c("male", "female"), chicks = paste0("diet", 1:4), pigs = c("Cu000", "Cu035", "Cu175"), sleep = c("even", "odd"))
visits <- function(name) {
  d <- read(name, arms[[name]])
  levels <- if (name == "bacteria") paste0("w", c(0, 2, 4, 6, 11)) else unique(d$visit)[order(nchar(unique(d$visit)), unique(d$visit))]
  d$visit <- factor(d$visit, levels = levels)
  d$weight <- 0.5 + ((seq_len(nrow(d)) - 1) %% 7) / 4
  d$id <- factor(as.character(d$id))
  people <- d[!duplicated(d$id), ]
  if (!is.null(d$age)) d$age[is.na(d$age)] <- mean(people$age, na.rm = TRUE)  # imputed by the mean over people
  d
}
# Column names of the model: one per visit, then arm within visit, then covariates.
model <- function(d, covariates) {
  v <- sapply(levels(d$visit), function(k) as.numeric(d$visit == k))
  effects <- NULL; named <- NULL
  for (k in levels(d$visit)) for (a in levels(d$arm)[-1]) { effects <- cbind(effects, as.numeric(d$visit == k & d$arm == a)); named <- rbind(named, c(k, a)) }
  x <- cbind(v, effects, as.matrix(d[, covariates, drop = FALSE]))
  colnames(x) <- c(paste0("v", seq_len(nlevels(d$visit))), paste0("e", seq_len(nrow(named))), covariates)
  list(x = x, named = named, visits = nlevels(d$visit))
}
