"""Ways from a framework to where a model is to run: what was tried, what it takes."""
