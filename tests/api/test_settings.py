"""What a server is told by its environment."""

from pathlib import Path

import pytest

from api.settings import DEFAULTS, PREFIX, read_settings
from engine.errors import Faults

HERE = {"COUNTEROFFER_RULEBOOK": str(Path(__file__).parents[2] / "rulebook")}


def faults_of(**settings: str) -> list[str]:
    with pytest.raises(Faults) as caught:
        read_settings({**HERE, **{PREFIX + name: value for name, value in settings.items()}})
    return sorted(fault.where.removeprefix(PREFIX) for fault in caught.value.faults)


def test_without_settings_everything_lies_in_var() -> None:
    settings = read_settings({**HERE, "PATH": "/bin", "HOME": "/"})
    assert (settings.database, settings.releases) == ("sqlite:///var/counteroffer.db", Path("var/releases"))
    assert (settings.hosts, settings.zone.key) == (("localhost", "127.0.0.1", "[::1]"), "Europe/Paris")


def test_every_setting_can_be_set() -> None:
    settings = read_settings(
        {
            **HERE,
            "COUNTEROFFER_DATABASE": "sqlite:///x.db",
            "COUNTEROFFER_RELEASES": "none",
            "COUNTEROFFER_KEYS": "/keys",
            "COUNTEROFFER_HOSTS": "offers.example, localhost",
            "COUNTEROFFER_TIME_ZONE": "Indian/Reunion",
        }
    )
    assert (settings.database, settings.releases, settings.keys) == ("sqlite:///x.db", None, Path("/keys"))
    assert (settings.hosts, settings.zone.key) == (("offers.example", "localhost"), "Indian/Reunion")


def test_every_fault_is_told_at_once() -> None:
    assert faults_of(TIME_ZONE="Mars/Base", COLOUR="red", DATABASE=" ") == ["COLOUR", "DATABASE", "TIME_ZONE"]


@pytest.mark.parametrize("name", DEFAULTS)
def test_an_empty_setting_is_a_fault(name: str) -> None:
    assert name in faults_of(**{name: ""})


@pytest.mark.parametrize("zone", ["Europe/Atlantis", "../../etc/passwd", "/etc/passwd", "\0", "Europe"])
def test_a_zone_that_does_not_exist_is_a_fault(zone: str) -> None:
    assert faults_of(TIME_ZONE=zone) == ["TIME_ZONE"]


def test_a_rulebook_that_is_no_folder_is_a_fault() -> None:
    assert faults_of(RULEBOOK=__file__) == ["RULEBOOK"]
