"""What pages are made of. Knows no page and nothing of what a page is about."""
