# What mice imputes, in the long run: mean and standard deviation over many imputations of the mean (and SD) of the imputed values, with
# their Monte Carlo errors, which are the tolerance of the test. Same predictors and same models as the test asks for.
source("tests/reference/rows.R")
suppressMessages(library(mice))
m <- 600
record <- function(case, term, values) {       # values: a row per blank, a column per imputation
  means <- colMeans(values); spread <- apply(values, 2, sd)
  four <- mean((means - mean(means))^4) / var(means)^2
  add(case, "draws", term = term, estimate = mean(means), se = sd(means) / sqrt(m), between = sd(means), between_se = sd(means) * sqrt((four - 1) / (4 * m)),
      within = mean(spread), within_se = sd(spread) / sqrt(m))
}
numbers <- function(x) { x <- as.matrix(x); if (is.numeric(x)) x else matrix(as.numeric(x), nrow(x)) }
codes <- function(imp, name, levels) matrix(match(as.matrix(imp$imp[[name]]), levels) - 1, nrow(imp$imp[[name]]))
a <- read("actg175", c("zdv", "zdv_ddi", "zdv_zal", "ddi"))
a <- a[a$arm == "zdv", ]
a <- data.frame(outcome = factor(a$outcome), age = a$age, cd40 = a$cd40, gender = a$gender * 1, stratum = factor(a$stratum))
imp <- mice(a, m = m, maxit = 1, method = c("logreg", "", "", "", ""), seed = 11, printFlag = FALSE)
record("logistic", "outcome", codes(imp, "outcome", c("0", "1")))
l <- read("lung", c("men", "women"))
women <- data.frame(meals = l$meals, age = l$age, time = l$time)[l$arm == "women", ]
for (model in c("norm", "pmm")) {
  imp <- mice(women, m = m, maxit = 1, method = c(model, "", ""), seed = 12, printFlag = FALSE)
  record(if (model == "norm") "linear" else "pmm", "meals", numbers(imp$imp$meals))
}
# The levels are named in alphabetical order: mice 3.15 puts them into that order when it augments the data.
ecog <- factor(c(none = "0", some = "1", much = "2")[l$ecog], ordered = TRUE)
ecog[seq_along(ecog) %% 5 == 0] <- NA
o <- data.frame(ecog, age = l$age, time = l$time)
imp <- mice(o, m = m, maxit = 1, method = c("polr", "", ""), seed = 13, printFlag = FALSE)
record("ordinal", "ecog", codes(imp, "ecog", c("0", "1", "2")))
# A column at one value of which the outcome is known as yes only: augmented data keep the imputation finite.
s <- data.frame(outcome = factor(c(rep(0, 15), rep(1, 15), rep(NA, 10))), x = c(rep(0, 22), rep(1, 8), rep(0:1, 5)), z = sin(1:40))
imp <- mice(s, m = m, maxit = 1, method = c("logreg", "", ""), seed = 14, printFlag = FALSE)
blanks <- codes(imp, "outcome", c("0", "1"))
record("separated", "outcome where x = 0", blanks[s$x[31:40] == 0, ])
record("separated", "outcome where x = 1", blanks[s$x[31:40] == 1, ])
# Three variables with blanks, 25 people: chained.
n <- nhanes2; n$age <- factor(n$age, ordered = FALSE)
imp <- mice(n, m = m, maxit = 5, method = c("", "norm", "logreg", "norm"), seed = 15, printFlag = FALSE)
record("chained", "bmi", numbers(imp$imp$bmi)); record("chained", "chl", numbers(imp$imp$chl)); record("chained", "hyp", codes(imp, "hyp", c("no", "yes")))
finish("imputation_draws")
write.csv(nhanes2, "tests/reference/data/nhanes.csv", row.names = FALSE, na = "", quote = FALSE)
