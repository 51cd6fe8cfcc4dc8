"""Work under way, whatever its kind: its card, the banner, how busy the machine is."""
