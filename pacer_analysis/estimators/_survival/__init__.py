"""The survival core: one partial likelihood under everything that has a hazard."""
