"""The machine, and who else is busy on it."""
