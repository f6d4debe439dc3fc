"""Why, and why not: what the rules have read of a candidate, and the smallest change that would turn the answer."""
