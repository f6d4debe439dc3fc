"""The life of a release after training: listed, proposed, approved, rolled back."""
