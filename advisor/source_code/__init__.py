"""The measures' and networks' own source, as the page «Source» shows it."""
