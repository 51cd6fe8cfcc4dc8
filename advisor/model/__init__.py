"""The words of the decision, all frozen: Evidence, Cell, Decision and their parts."""
