"""Repeated outcomes and people in clusters: estimating equations, mixed models, clubs in one arm."""
