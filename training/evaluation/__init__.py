"""What a rulebook or a model would have earned, told from logged decisions: estimates, intervals, refusals."""
