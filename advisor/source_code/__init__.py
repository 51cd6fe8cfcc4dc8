"""The measures' and networks' own source, as the page «Code» shows it."""
