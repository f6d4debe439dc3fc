"""A rulebook: the texts of its files, and what they say on any one day."""

import datetime
import functools
import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine.catalogue import Catalogue, build_catalogue
from engine.errors import Fault, Faults
from engine.fields import LANGUAGES
from engine.law import LAW_FILES, Law, law_as_of
from engine.policy import Policy, policy_as_of
from engine.tariffs import OnSale, tariffs_on_sale

FILES = (
    *("policy.toml", "offers.toml", "devices.toml", "tariffs.toml"),
    *LAW_FILES,
    *(f"texts/{lang}.toml" for lang in LANGUAGES),
)


@dataclass(frozen=True, eq=False)
class InForce:
    """A rulebook as it stands on one day."""

    policy: Policy
    law: Law
    catalogue: Catalogue
    on_sale: OnSale
    phrases: Mapping[str, Mapping[str, Any]]
    rulebook_digest: str


class Rulebook:
    """The files of a rulebook, parsed and checked; `digest` is the SHA-256 of their names and texts."""

    def __init__(self, texts: Mapping[str, str], documents: Mapping[str, Mapping[str, Any]]) -> None:
        self.texts = dict(sorted(texts.items()))
        self.documents = documents
        self.digest = digest_of(texts)
        self._days: dict[datetime.date, InForce] = {}

    @functools.cached_property
    def devices_digest(self) -> str:
        """That of its devices.toml alone."""
        return devices_digest(self.texts)

    def as_of(self, today: datetime.date) -> InForce:
        """What the rulebook says on a day; a day is worked out once. Raises Faults where a number has no value then."""
        if today not in self._days:
            self._days[today] = self._work_out(today)
        return self._days[today]

    def _work_out(self, today: datetime.date) -> InForce:
        documents = self.documents
        policy = policy_as_of(documents["policy.toml"], today)
        law = law_as_of(documents, policy["market"], today)
        catalogue = build_catalogue(documents["offers.toml"], documents["devices.toml"], policy, law, today)
        on_sale = tariffs_on_sale(documents["tariffs.toml"], today)
        phrases = {language: documents[f"texts/{language}.toml"] for language in LANGUAGES}
        return InForce(policy, law, catalogue, on_sale, phrases, self.digest)


def digest_of(texts: Mapping[str, str]) -> str:
    """The SHA-256 of named texts, in hex; the order of the names does not count."""
    digest = hashlib.sha256()
    for name, text in sorted(texts.items()):
        for part in (name, text):
            data = part.encode()
            digest.update(len(data).to_bytes(8, "big") + data)
    return digest.hexdigest()


def devices_digest(texts: Mapping[str, str]) -> str:
    """The SHA-256 of the devices.toml of a rulebook: what is taken from stock is counted against it."""
    return hashlib.sha256(texts["devices.toml"].encode()).hexdigest()


def parse_rulebook(texts: Mapping[str, str]) -> Rulebook:
    """A rulebook from the texts of its files by name. Raises Faults for every file missing or not TOML."""
    faults, documents = [], {}
    for name in FILES:
        if name not in texts:
            faults.append(Fault("file-missing", name, "the rulebook has no such file", f"the files {', '.join(FILES)}"))
            continue
        try:
            documents[name] = tomllib.loads(texts[name])
        except tomllib.TOMLDecodeError as error:
            faults.append(Fault("not-toml", name, str(error), "TOML 1.0"))
    if faults:
        raise Faults(faults)
    return Rulebook({name: texts[name] for name in FILES}, documents)
