"""A team's code: read, never run. What frameworks it uses, where, and what a move or an upgrade would meet."""
