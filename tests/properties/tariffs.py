"""Random tariffs: few and many, dear and free, metered and unlimited, on sale, ended and announced."""

import datetime
from random import Random
from typing import Any

from engine.fields import LANGUAGES

USAGES = ("data_mb", "voice_minutes", "international_minutes", "sms")
BEGINNING = datetime.date(2000, 1, 1)


def random_tariffs(random: Random, today: datetime.date) -> dict[str, Any]:
    """What tariffs.toml may say; drawn apart, so that seeds that were kept draw their worlds as they did."""
    tariffs = {}
    for number in random.sample(range(9), random.randint(1, 5)):
        begins = random.choice(
            (BEGINNING, BEGINNING, BEGINNING, today + datetime.timedelta(random.choice((-400, -1, 0, 0, 1, 400))))
        )
        tariff = {
            "says": dict.fromkeys(LANGUAGES, f"tariff {number}"),
            "monthly_cents": random.choice((0, 500, 1_000, random.randint(0, 4_000), 1_000_000)),
            **{usage: _counted(random) for usage in USAGES},
            "valid_from": begins,
        }
        if random.random() < 0.2:
            tariff["valid_to"] = max(begins, _near(random, today))
        tariffs[f"tariff-{number}"] = tariff
    return tariffs


def _counted(random: Random) -> dict[str, Any]:
    if random.random() < 0.4:
        return {"included": "unlimited"}
    included = random.choice((0, 1, 90, 499, 500, 700, 100_000_000, random.randint(0, 5_000)))
    step, step_cents = random.choice((1, 1, 7, 100, 100_000_000)), random.choice((0, 1, 10, 500, 1_000_000))
    return {"included": included, "step": step, "step_cents": step_cents}


def _near(random: Random, today: datetime.date) -> datetime.date:
    return today + datetime.timedelta(random.choice((-400, -1, 0, 0, 1, 400)))
