"""Files spoilt at random: refused with faults, or read with every row accounted for; nothing else ever happens."""

import contextlib
import random
from pathlib import Path

import pytest

from engine.errors import Faults
from intake.mapping import read_mapping
from tests.intake.small_files import SMALL, Read, file_of, mapping_of
from tests.intake.test_contacts import GOOD, contacts_of
from tests.intake.test_dialects import WRITTEN

MAPPINGS = sorted((Path(__file__).parents[2] / "mappings").glob("*.toml"))
PIECES = [
    b'"',
    b";",
    b",",
    b"\n",
    b"\r",
    b"\0",
    b"\xff",
    b"[",
    b"}",
    b"=",
    b'"""',
    b"1e400",
    b"nan",
    b"-1",
    b"@line",
    b"#",
]


def spoilt(content: bytes, chance: random.Random) -> bytes:
    """The same bytes with a few of them changed, added, dropped or doubled."""
    found = bytearray(content)
    for _ in range(chance.randint(1, 5)):
        at = chance.randrange(len(found) + 1)
        match chance.randrange(4):
            case 0:
                found[at : at + 1] = bytes([chance.randrange(256)])
            case 1:
                found[at:at] = chance.choice(PIECES)
            case 2:
                del found[at : at + chance.randint(1, 20)]
            case _:
                found[at:at] = found[: chance.randint(1, 40)]
    return bytes(found)


@pytest.mark.parametrize("seed", range(6))
def test_a_spoilt_data_file_is_refused_or_every_row_is_accounted_for(seed: int, tmp_path: Path) -> None:
    chance = random.Random(seed)
    mapping = mapping_of(tmp_path, SMALL)
    for _ in range(40):
        content = chance.choice(list(WRITTEN.values()))
        path = file_of(tmp_path, spoilt(content if isinstance(content, bytes) else content.encode(), chance))
        with contextlib.suppress(Faults):
            read = Read([path], mapping, rows=chance.choice([1, 50_000]))
            assert read.rows == len(read.lines) + len(read.bad), path.read_bytes()


@pytest.mark.parametrize("seed", range(3))
def test_a_spoilt_history_of_contacts_is_refused_or_read_with_chances_that_are_some(seed: int, tmp_path: Path) -> None:
    chance = random.Random(seed)
    for _ in range(20):
        with contextlib.suppress(Faults):
            read = contacts_of(tmp_path, spoilt(GOOD.encode(), chance).decode(errors="replace"))
            assert len(read) == len(read.cases["contract_id"]) == read.terms.device.shape[1]
            assert ((read.probability > 0) & (read.probability <= 1)).all()


@pytest.mark.parametrize("seed", range(6))
def test_a_spoilt_mapping_is_refused_or_read(seed: int, tmp_path: Path) -> None:
    chance = random.Random(seed)
    path = tmp_path / "m.toml"
    for _ in range(40):
        path.write_bytes(spoilt(chance.choice(MAPPINGS).read_bytes(), chance))
        with contextlib.suppress(Faults):
            assert read_mapping(path).facts["contract_id"]
