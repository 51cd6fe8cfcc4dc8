"""From answers and evidence to a recommendation."""
