# The data that R's survival package ships, in the columns of an analysis frame. Run once by hand from the repository's root:
# `Rscript tests/reference/data/write_inputs.R`. The CSVs are committed.
library(survival)
write <- function(table, name) write.csv(table, file.path("tests/reference/data", paste0(name, ".csv")), row.names = FALSE, quote = FALSE, na = "")
# Chronic granulomatous disease: 128 people, placebo or interferon, repeated infections over intervals, 13 centres of four kinds.
write(with(cgd, data.frame(id, arm = ifelse(treat == "placebo", "placebo", "interferon"), entry = tstart, time = tstop, status, age,
      recessive = as.numeric(inherit == "autosomal"), steroids, stratum = gsub("[^A-Za-z]", "_", hos.cat), centre = as.integer(center))), "cgd")
# Stanford heart transplants: 103 people over 172 intervals, before and after the transplant; and one row each, with the wait for it.
write(with(heart, data.frame(id, entry = start, time = stop, status = event, transplant = as.numeric(transplant == "1"), age, year, surgery)), "heart")
write(with(subset(jasa, futime > 0), data.frame(time = futime, status = fustat, waited = wait.time, age, surgery)), "jasa")
# Bladder cancer: 85 people, placebo or thiotepa, up to four recurrences.
write(with(bladder2, data.frame(id, arm = ifelse(rx == 1, "placebo", "thiotepa"), entry = start, time = stop, status = event, number, size)), "bladder")
# Colon cancer: 929 people in three arms, days to death, positive nodes unknown for some.
write(with(subset(colon, etype == 2), data.frame(id, arm = c(Obs = "none", Lev = "lev", "Lev+5FU" = "lev5fu")[as.character(rx)], time, status, age, sex, nodes,
      stratum = paste0("extent-", extent), differ = differ)), "colon")
# Monoclonal gammopathy: 1,384 people, months to malignancy (1) or death before it (2), ties by month; a few without haemoglobin.
write(with(mgus2, data.frame(arm = ifelse(sex == "F", "women", "men"), time = ifelse(pstat == 1, ptime, futime), status = ifelse(pstat == 1, 1, 2 * death),
      age, hgb)), "mgus")
# German breast cancer study: 686 women, with hormones or without, days to recurrence or death, three grades.
write(with(gbsg, data.frame(arm = ifelse(hormon == 1, "hormones", "none"), time = rfstime, status, age, nodes, er, stratum = paste0("grade-", grade))), "gbsg")
# Acute myeloid leukaemia: 646 people in two arms, days to death, day of a transplant.
write(with(myeloid, data.frame(id, arm = ifelse(trt == "A", "A", "B"), time = futime, status = death, transplanted = txtime)), "myeloid")
