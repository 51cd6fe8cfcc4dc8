"""A team's own model: one Python file that a measured child loads, and nobody else."""
