"""One file a network, written twice: ``SPEC``, ``weights``, ``floats``, ``inputs``, ``pytorch``, ``tensorflow``."""
