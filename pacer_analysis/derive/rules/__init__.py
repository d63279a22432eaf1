"""One rule per file: from the derived frames to the rows of an endpoint."""
