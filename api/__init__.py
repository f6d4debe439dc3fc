"""The HTTP door: keys, bodies, problems and the resources behind them; everything decided lies in the engine."""
