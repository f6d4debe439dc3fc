"""A figure with its 95 % interval, however it was found."""

from dataclasses import dataclass

CONFIDENCE = 0.95


@dataclass(frozen=True)
class Interval:
    """A figure with the ends of its 95 % interval, all in the unit of the figure."""

    value: float
    low: float
    high: float

    def times(self, factor: float) -> "Interval":
        """The same in another unit; `factor` is not below 0."""
        return Interval(self.value * factor, self.low * factor, self.high * factor)
