# How every script of this folder reads its data and writes its rows. Run from the repository's root.
found <- data.frame()
read <- function(name, arms) {
  table <- read.csv(file.path("tests/reference/data", paste0(name, ".csv")), stringsAsFactors = FALSE, na.strings = "")
  table$arm <- factor(table$arm, levels = arms)
  table
}
add <- function(case, measure, arm = "", contrast = "", term = "", time = "", ...) {
  quantities <- list(...)
  for (quantity in names(quantities)) {
    value <- unname(quantities[[quantity]])
    if (length(value) == 1 && !is.na(value))
      found <<- rbind(found, data.frame(case, measure, arm, contrast, term, time = as.character(time), quantity, value = sprintf("%.12g", value)))
  }
}
finish <- function(name) write.csv(found, file.path("tests/reference", paste0(name, ".csv")), row.names = FALSE, quote = FALSE)
z975 <- qnorm(0.975)
