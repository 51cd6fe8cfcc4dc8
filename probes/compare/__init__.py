"""Where both halves of a model part: layer by layer, and by what their frameworks' defaults differ in."""
