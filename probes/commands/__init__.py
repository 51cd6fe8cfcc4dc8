"""``python -m probes …``: a file a command, its options and what it does with them. ``__main__`` puts them together."""
