"""What the visitor has open: the decision, the rights, what was worked out of it."""
