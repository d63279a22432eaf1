"""Tables as data: titles, columns, rows and cells, each number bound to the estimate that it prints."""
