# The covariates of lung.csv as the estimators impute them: mean, or mode with an indicator from 20 blanks on.
d <- read("lung", c("men", "women"))
d$outcome <- ifelse(d$time > 300 | d$status == 1, as.numeric(d$time <= 300), NA)
d$meals[is.na(d$meals)] <- mean(d$meals, na.rm = TRUE)
unknown <- as.numeric(is.na(d$little_food))
d$little_food[unknown == 1] <- as.numeric(mean(d$little_food, na.rm = TRUE) > 0.5)
d$little_food_unknown <- unknown
d$ecog[is.na(d$ecog)] <- names(which.max(table(d$ecog)))
d$ecog <- factor(d$ecog, levels = c("much", "none", "some"))
tight <- glm.control(epsilon = 1e-14, maxit = 100)
actg <- read("actg175", c("zdv", "zdv_ddi", "zdv_zal", "ddi"))
name <- c(genderTRUE = "gender", little_food_unknown = "little_food unknown", ecognone = "ecog=none", ecogsome = "ecog=some", stratums2 = "stratum=s2", stratums3 = "stratum=s3")
