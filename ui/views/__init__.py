"""A package a page: ``VIEW`` and ``render(services)``."""
