"""What measurements say, joined and put into words; nothing of the decision."""
