"""What was learned: features, the churn model, its releases and the scores they give."""

NO_RELEASE = "none"
"""What stands for a release where there is none: in a setting, on the command line, in an answer and a row."""
