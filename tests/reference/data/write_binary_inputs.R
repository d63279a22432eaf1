# Data for the binary estimators that no package here ships. Run once from the repository's root: Rscript tests/reference/data/write_binary_inputs.R
#
# robincar.csv: the example data of the R package RobinCar2 (`glm_data`: 600 people, three arms in permuted blocks of six within the four strata
# s1 x s2), drawn again from the recipe its authors publish (data-raw/create_glm_data.R, seed 20240408). standardisation.R checks it against numbers they print.
#
# endometrial.csv (79 cases of endometrial cancer: neovasculisation, pulsatility index, endometrium height, histology grade) is Heinze and
# Schemper, Statistics in Medicine 2002;21:2409-19, as in Agresti, Foundations of Linear and Generalized Linear Models, 2015. sex2.csv (239 women,
# urinary tract infection and contraceptives, `women` how many are alike) is Heinze and Ploner, Technical Report 2/2004, as in the R package
# logistf. Both were entered by hand from copies that other packages carry, sex2 gathered into patterns with counts (two rows that the gathering
# missed were put to the commonest pattern, with which the published fit comes out); logistic.R meets the published estimates and limits.
set.seed(20240408)
n <- 600
d <- data.frame(s1 = sample(c("a", "b"), replace = TRUE, size = n))
d$s2 <- sample(c("c", "d"), replace = TRUE, size = n)
d$covar <- rnorm(n)
d$arm <- ""
for (first in c("a", "b")) for (second in c("c", "d")) {
  inside <- which(d$s1 == first & d$s2 == second)
  blocks <- replicate(ceiling(length(inside) / 6), sample(c("trt1", "trt1", "trt2", "trt2", "pbo", "pbo")))
  d$arm[inside] <- unlist(blocks)[seq_along(inside)]
}
score <- d$covar * 0.2 + 0.4 * (d$s1 == "a") - 0.1 * (d$s2 == "c") + 0.6 * (d$arm == "trt1") + 0.8 * (d$arm == "trt2") + rnorm(n)
out <- data.frame(arm = d$arm, outcome = as.integer(score > 0.6), stratum = paste0(d$s1, d$s2), s1 = d$s1, s2 = d$s2, covar = sprintf("%.12g", d$covar))
write.csv(out, "tests/reference/data/robincar.csv", row.names = FALSE, quote = FALSE)
