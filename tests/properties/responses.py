"""Random learned responses: one to four points of taste, some or no single terms, ordinary and absurd."""

from random import Random

from engine.felt import ONCE_AND_MONTHLY
from engine.tables import MICRO, MOST_TASTE_MICRO, STATED, TASTES, Response
from tests.properties.rulebooks import World
from tests.slow_reference.customer import Point, Reaction

UNKNOWN_TERMS = ("device:nokia-3310", "extra:teleport", "top_down", "device:other")
EDGES = (0, 1, MICRO - 1, MICRO, MICRO + 1, MOST_TASTE_MICRO)
WILLING = (0, 1, -MICRO, 30 * MICRO, -30 * MICRO)
MOST_POINTS = 4


def random_response(random: Random, world: World) -> Response:
    """What was learned of one customer of a world: nothing for half of them."""
    if random.random() < 0.5:
        return STATED
    wild, points = random.random() < world.wildness, random.randint(1, MOST_POINTS)
    names = _term_names(random, world)
    return Response(
        share_micro=_shares(random, points),
        willing_micro=tuple(_log_odds(random, wild) for _ in range(points)),
        weights_micro=tuple(tuple(_multiplier(random, wild) for _ in ("money", *TASTES)) for _ in range(points)),
        term_names=names,
        terms_micro=tuple(_multiplier(random, wild) for _ in names),
        woken_micro=_log_odds(random, wild),
    )


def _term_names(random: Random, world: World) -> tuple[str, ...]:
    """Some of the terms of a world, in any order, beside some that it does not know."""
    if random.random() < 0.3:
        return ()
    devices = [f"device:{name}" for name in world.documents["devices.toml"]]
    extras = [f"extra:{name}" for name in world.documents["offers.toml"]["extras"]]
    known = [*ONCE_AND_MONTHLY, *devices, *extras]
    names = [name for name in known if random.random() < 0.8] + random.sample(UNKNOWN_TERMS, random.randint(0, 2))
    names = list(dict.fromkeys(names))
    random.shuffle(names)
    return tuple(names)


def _shares(random: Random, points: int) -> tuple[int, ...]:
    """Shares that add up to a million; one in ten points has none."""
    weights = [random.choice((0.0, *[random.random()] * 9)) for _ in range(points - 1)]
    later = [int(weight / max(1.0, sum(weights)) * MICRO) for weight in weights]
    return (MICRO - sum(later), *later)


def _multiplier(random: Random, wild: bool) -> int:
    if wild or random.random() < 0.05:
        return random.choice((*EDGES, random.randint(0, MOST_TASTE_MICRO)))
    return min(round(random.lognormvariate(0, 0.7) * MICRO), MOST_TASTE_MICRO)


def _log_odds(random: Random, wild: bool) -> int:
    return random.choice((*WILLING, random.randint(-(10**7), 10**7))) if wild else round(random.gauss(0, 0.8) * MICRO)


def reaction_of(response: Response) -> Reaction:
    """A response as the slow reference takes it."""
    columns = zip(response.share_micro, response.willing_micro, response.weights_micro, strict=True)
    return Reaction(
        tuple(
            Point(share, willing, dict(zip(("money", *TASTES), weights, strict=True)))
            for share, willing, weights in columns
        ),
        dict(zip(response.term_names, response.terms_micro, strict=True)),
        response.woken_micro,
    )
