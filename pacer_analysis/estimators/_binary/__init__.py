"""What the estimators of binary outcomes are made of."""
