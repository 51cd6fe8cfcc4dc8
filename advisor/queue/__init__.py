"""Work that waits for the machine: its kinds, whose turn it is, who does it."""
