"""Machinery of the estimators that assume no model for the time to an event."""
