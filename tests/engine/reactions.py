"""Two customers of whom something was learned: points of taste alone, and single terms beside them."""

from engine.tables import MICRO, TASTES, Response

AVERAGE = (MICRO,) * (1 + len(TASTES))
EAGER = (2 * MICRO, 1_500_000, 400_000, MICRO, MICRO, 3 * MICRO, MICRO)
WARY = (600_000, 200_000, 2_500_000, 0, MICRO, MICRO, 900_000)
TWO = Response((300_000, 700_000), (400_000, -1_100_000), (EAGER, WARY))
TERMS = Response(
    (250_000, 250_000, 500_000),
    (0, 700_000, -300_000),
    (WARY, AVERAGE, EAGER),
    ("top_up", "commitment_later", "device:galaxy-a17", "device:gone", "extra:data_5gb"),
    (1_700_001, 333_333, 2_222_222, 9 * MICRO, 100_003),
    250_000,
)
