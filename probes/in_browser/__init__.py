"""A visitor's own browser as a probe: what it runs, what it may send back, and what that says."""
