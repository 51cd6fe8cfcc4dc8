"""Rehearses a move: a team's own model where it might go, beside where it is. Nothing is clocked."""
