"""One file a measure: ``SPEC``, ``prepare``, ``check``."""
