"""How much each criterion weighs, in four ways to say it."""
