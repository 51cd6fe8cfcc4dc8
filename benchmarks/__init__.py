"""Performance, printed as figures and ratios; no test depends on them."""
