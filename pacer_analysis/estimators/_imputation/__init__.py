"""Missing data: chained equations and Rubin's rules, shifted imputations, weights for what censoring took away."""
