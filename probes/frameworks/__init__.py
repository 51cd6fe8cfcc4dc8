"""One file a framework that is measured: its side of the plumbing."""
