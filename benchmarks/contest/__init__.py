"""The contest over the simulated markets: who earns most of what the best policy from observable facts can earn."""
