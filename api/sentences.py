"""Short sentences about what happened on a case and what waits there, in every language of the rulebook."""

import datetime
import zoneinfo
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.texts import Writer

WORDS = {"channel": "channel", "where": "place", "reason": "reason", "promise": "promise", "alarm": "alarm"}
"""What a sentence may name, and the section of the texts that has the word for it."""


@dataclass(frozen=True)
class Teller:
    """Tells in every language, by the operator's calendar."""

    writers: Sequence[Writer]
    zone: zoneinfo.ZoneInfo

    def tell(self, section: str, name: str, about: Mapping[str, Any]) -> dict[str, str]:
        """One sentence a language. `about`: what it may name; a day or a moment stands under `date`."""
        return {
            writer.language: writer.phrases[section][name].format(**self._words(writer, about))
            for writer in self.writers
        }

    def _words(self, writer: Writer, about: Mapping[str, Any]) -> dict[str, str]:
        words = {name: str(about[name]) for name in ("fault", "reach") if name in about}
        for name, section in (*WORDS.items(), ("outcome", "outcome")):
            if name in about:
                words[name] = writer.phrases[section].get(about[name], about[name])
        if "offer" in about:
            words["offer"] = writer.in_short(about["offer"]) if about["offer"] else "–"
        if about.get("fault", "") is None:
            words["fault"] = writer.phrases["timeline"]["erased"]
        return words | self._moment(writer, about["date"]) if about.get("date") else words

    def _moment(self, writer: Writer, date: str) -> dict[str, str]:
        if "T" not in date:
            return {"date": writer.date(date), "time": ""}
        moment = datetime.datetime.fromisoformat(date).astimezone(self.zone)
        return {"date": writer.date(moment.date().isoformat()), "time": f"{moment:%H:%M}"}
