"""Archives as what the checks look at."""
