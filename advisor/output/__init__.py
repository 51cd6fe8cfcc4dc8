"""A decision and its measurements as charts, reports and tables."""
