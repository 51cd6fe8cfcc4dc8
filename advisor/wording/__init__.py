"""How things are said and shown: the floor of ``advisor``, which knows none of its rooms."""
