# Repeated measures that R's packages ship, in the columns of an analysis frame. Run once by hand from the repository's root:
# `Rscript tests/reference/data/write_repeated_inputs.R`. The CSVs are committed.
library(geepack)
write <- function(table, name) write.csv(table, file.path("tests/reference/data", paste0(name, ".csv")), row.names = FALSE, quote = FALSE, na = "")
# Respiratory illness: 111 people in two centres, placebo or active, good status at four visits. Every 13th outcome and the age of every 9th person blanked.
data(respiratory)
r <- with(respiratory, data.frame(id = paste0(center, "-", id), arm = ifelse(treat == "P", "placebo", "active"), visit = paste0("v", visit), outcome, age, sex = as.numeric(sex == "F"), baseline,
  stratum = paste0("centre", center)))
r$outcome[seq_len(nrow(r)) %% 13 == 0] <- NA
r$age[as.integer(factor(r$id)) %% 9 == 0] <- NA
write(r, "respiratory")
# Epileptic seizures: 59 people, placebo or progabide; more than four seizures in each of four periods.
data(seizure)
s <- do.call(rbind, lapply(1:4, function(p) data.frame(id = seq_len(nrow(seizure)), arm = ifelse(seizure$trt == 0, "placebo", "progabide"), visit = paste0("p", p),
  outcome = as.numeric(seizure[[paste0("y", p)]] > 4), age = seizure$age, before = log(seizure$base))))
write(s, "seizure")
# Wheeze: 537 children at four ages, mother smoking or not.
data(ohio)
write(with(ohio, data.frame(id, arm = ifelse(smoke == 1, "smoke", "none"), visit = paste0("age", age + 9), outcome = resp)), "ohio")
# Bacteria in children with otitis: 50 people, three arms, up to five weeks each, some not seen.
write(with(MASS::bacteria, data.frame(id = ID, arm = gsub("\\+", "plus", trt), visit = paste0("w", week), outcome = as.numeric(y == "y"))), "bacteria")
# Scores: teeth of 27 children at four ages; weights of 50 chicks on four diets every fourth day, five of which die; weights of 72 pigs on three every fourth week; reaction times over ten days of 18
# people, here those with odd numbers against the others.
write(with(nlme::Orthodont, data.frame(id = Subject, arm = tolower(Sex), visit = paste0("age", age), outcome = distance)), "orthodont")
d <- as.data.frame(ChickWeight)
first <- d$weight[d$Time == 0][match(d$Chick, d$Chick[d$Time == 0])]
write(with(d, data.frame(id = Chick, arm = paste0("diet", Diet), visit = sprintf("day%02d", Time), outcome = weight, baseline = first))[d$Time > 0 & d$Time %% 4 == 0, ], "chicks")
data(dietox)
write(with(dietox, data.frame(id = Pig, arm = as.character(Cu), visit = sprintf("week%02d", Time), outcome = round(Weight, 4), baseline = round(Start, 4)))[dietox$Time %% 4 == 0, ], "pigs")
write(with(lme4::sleepstudy, data.frame(id = Subject, arm = ifelse(as.integer(as.character(Subject)) %% 2 == 1, "odd", "even"), visit = paste0("day", Days), outcome = round(Reaction, 4))), "sleep")
