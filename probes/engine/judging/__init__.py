"""From what was timed to ratios and verdicts."""
