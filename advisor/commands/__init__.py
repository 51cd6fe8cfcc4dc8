"""The commands of ``python -m advisor``, by what they are about: what they ask for, and what they print."""
