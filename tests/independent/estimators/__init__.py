"""A second author's estimators: every formula written out from the methods page alone, slowly and plainly."""
