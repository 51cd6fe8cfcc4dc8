"""What a step takes on a machine where nobody can measure: a band, never evidence. The decision can't import it."""
