"""What a training learns from: a history of who left, contacts that chance drew, or both; and the release it makes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from engine.rulebook import Rulebook
from intake.contacts import Contacts, read_contacts
from intake.mapping import read_mapping
from intake.quarantine import BadRow
from models.churn import Churn
from models.response import LearnedResponse
from training.agents import believable
from training.card import Source
from training.caution import learn_cautiously
from training.history import History
from training.randomised import check_randomised
from training.release import Place, Progress, Taught, Trained, check_rows, make_release, sign_release
from training.response.trial import fitted_from, rows_left_alone, try_contacts


@dataclass(frozen=True)
class Contacted:
    """Contacts, and the rulebook whose priors what they teach is counted from."""

    contacts: Contacts
    rulebook: Rulebook

    def taught(self, churn: Churn) -> Taught:
        """The response, anchored on a churn model that is given."""
        return self._told(learn_cautiously(self.contacts, self.rulebook, date.today(), churn).response)

    def _told(self, response: LearnedResponse) -> Taught:
        return Taught(response, len(self.contacts), self.contacts.digest, self.rulebook.digest)

    def release(self, source: Source, place: Place) -> Trained:
        """A release where contacts are all there is: their control group tells who leaves."""
        check_rows(rows_left_alone(self.contacts), source)
        learned = learn_cautiously(self.contacts, self.rulebook, date.today())
        trial = try_contacts(self.contacts)
        judged = (trial, fitted_from(learned.churn, trial))
        return sign_release(rows_left_alone(self.contacts), source, place, judged, self._told(learned.response))


@dataclass(frozen=True)
class Lesson:
    """The rows that a churn model is judged on, and the contacts, where there are any; `own`: nothing but contacts."""

    history: History
    contacted: Contacted | None
    own: bool

    @property
    def readings(self) -> list[tuple[list[str], list[BadRow]]]:
        """What was recognised and what was left out, of each file that was read."""
        found = [(self.history.notes, self.history.bad)]
        if self.contacted is not None and not self.own:
            found.append((self.contacted.contacts.notes, self.contacted.contacts.bad))
        return found

    def learn(self, place: Place, progress: Progress) -> Trained:
        """Learn and write a release; raises Faults where the rows cannot teach a model."""
        history, contacted = self.history, self.contacted
        if contacted is not None and self.own:
            return contacted.release(history.source, place)
        return make_release(history.rows, history.source, place, progress, contacted.taught if contacted else None)


def read_contacted(paths: Sequence[Path], mapping_path: Path, rulebook: Rulebook) -> Contacted:
    """Contacts through a mapping; raises Faults where they cannot be read or chance did not draw them."""
    contacts = read_contacts(paths, read_mapping(mapping_path), rulebook, date.today())
    check_randomised(contacts)
    return Contacted(believable(contacts), rulebook)


def lesson_of_contacts(contacted: Contacted, mapping_path: Path) -> Lesson:
    """A lesson of contacts and nothing else."""
    contacts, mapping = contacted.contacts, read_mapping(mapping_path)
    source = Source(mapping.name, mapping.digest, mapping.caveats, contacts.digest, None, shuffles=1)
    history = History(rows_left_alone(contacts), source, contacts.bad, contacts.notes)
    return Lesson(history, contacted, own=True)
