"""Rounds in fresh pairs of child processes."""
