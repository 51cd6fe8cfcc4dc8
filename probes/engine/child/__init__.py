"""What runs inside a measured child process; one framework each."""
