"""From trained model to target: every way out of a framework exported, checked and timed."""
