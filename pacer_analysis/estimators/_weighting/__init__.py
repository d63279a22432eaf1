"""Choice mode: propensity scores, balancing weights, and standard errors that know that the weights were estimated."""
