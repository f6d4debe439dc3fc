"""What must be shown before another release serves: champion against challenger, drift, fairness, gates."""
