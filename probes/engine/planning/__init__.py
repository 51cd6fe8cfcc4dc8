"""What a run will do, and how long it takes: fixed before any clock starts."""
