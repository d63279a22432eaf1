# Every number of events that the missing of both arms could have had, and the last at which the conclusion stays that of those observed.
functions_only <- TRUE
source("tests/reference/best_worst.R")
counts <- function(case, d, step) {
  arms <- levels(d$arm); known <- tapply(!is.na(d$outcome), d$arm, sum); x <- tapply(d$outcome, d$arm, sum, na.rm = TRUE); lost <- tapply(is.na(d$outcome), d$arm, sum)
  a <- arms[2]; r <- arms[1]; steps <- function(k) unique(c(seq(0, k, step), k)); held <- list(); seen <- mn(x[a], known[a], x[r], known[r])
  verdict <- function(l) if (l[1] > 0) "above" else if (l[2] < 0) "below" else "open"
  for (i in steps(lost[r])) { kept <- c()
    for (j in steps(lost[a])) {
      compare(case, paste0("events_", r, "=", i, ",events_", a, "=", j), a, r, x[a] + j, known[a] + lost[a], x[r] + i, known[r] + lost[r])
      if (verdict(mn(x[a] + j, known[a] + lost[a], x[r] + i, known[r] + lost[r])) == verdict(seen)) kept <- c(kept, j)
    }
    for (end in c("lowest", "highest")) if (length(kept))
      add(case, "tipping_point", contrast = paste(a, "-", r), term = paste0("events_", r, "=", i, ", ", end, " events_", a, " for rd"), estimate = if (end == "lowest") min(kept) else max(kept))
  }
}
thinned <- read("actg175", c("zdv", "zdv_ddi")); thinned <- thinned[!is.na(thinned$arm), ]; thinned <- thinned[seq_len(nrow(thinned)) %% 3 == 0, ]
counts("actg175 counts", thinned, 2)
counts("lung counts", by(read("lung", c("men", "women")), 300), 2)
counts("aids counts", by(read("aids", c("two", "three")), 200), 20)
found <- found[found$measure != "rr", ]
write.csv(found, "tests/reference/tipping_counts.csv", row.names = FALSE)   # quoted: terms have commas
