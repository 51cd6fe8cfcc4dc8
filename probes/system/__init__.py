"""Folders, files, variables and texts of the machine below: the floor of the house."""
