"""The smallest change that would turn a refusal, found by asking the kernel again and never by a formula.

What is said here has been judged: the candidate passes with exactly these changes, and with a cent, a month, a step or
one of them less it does not.
"""

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from engine.explanation.levers import Change, Lever
from engine.explanation.supposing import AS_IT_IS, Matter, Supposition
from engine.explanation.turns import CURVED, levers_of
from engine.rules import BIT, refusing_rules

AT_ONCE = 256
"""How many suppositions are judged in one table; so many values of a lever are all tried."""

AT_FIRST = 24
"""Of more values so many are tried, and then those between."""

MOST_CHANGES, MOST_STATES, MOST_TURNS = 4, 4, 5


@dataclass(frozen=True)
class Turn:
    """Levers, each at the place of its value, that together turn a refusal; none may be left out or be less."""

    moves: tuple[tuple[Lever, int], ...] = ()

    @cached_property
    def supposed(self) -> Supposition:
        """All of them at once."""
        supposed = AS_IT_IS
        for lever, place in self.moves:
            supposed = supposed.and_also(lever.suppose(lever.values[place]))
        return supposed

    @property
    def changes(self) -> list[Change]:
        """What would be otherwise, thing by thing."""
        return [change for lever, place in self.moves for change in lever.changes(lever.values[place])]

    @property
    def names(self) -> frozenset[str]:
        """The levers that it moves."""
        return frozenset(lever.name for lever, _ in self.moves)

    def without(self, lever: Lever) -> "Turn":
        """The same but for one lever."""
        return Turn(tuple(move for move in self.moves if move[0] is not lever))

    def and_also(self, lever: Lever, place: int) -> "Turn":
        """One lever more."""
        return Turn((*self.moves, (lever, place)))


def smallest_turns(matter: Matter) -> list[Turn]:
    """The smallest changes after which nothing refuses a candidate: as few at once as can be, at most `MOST_TURNS`.

    Nothing where no change of up to `MOST_CHANGES` things at once was found. What an agent can do at once comes first.
    """
    states = [Turn()]
    for _ in range(MOST_CHANGES):
        turned: dict[frozenset[str], Turn] = {}
        partly: list[tuple[int, _Try]] = []
        for state in states:
            for one in _tries(matter, state):
                if (place := one.turning()) is not None:
                    turned.setdefault(state.names | {one.lever.name}, state.and_also(one.lever, place))
                elif not turned and (left := one.left()) is not None:
                    partly.append((left, one))
        if turned:
            return [_made_small(matter, turn) for turn in itertools.islice(turned.values(), MOST_TURNS)]
        states = _nearest(partly)
    return []


def _nearest(partly: Iterable[tuple[int, "_Try"]]) -> list[Turn]:
    """The states with the fewest rules left, of each set of levers one."""
    states: dict[frozenset[str], Turn] = {}
    for _, one in sorted(partly, key=lambda pair: pair[0]):
        names = one.state.names | {one.lever.name}
        if names not in states and (place := one.moved()) is not None:
            states[names] = one.state.and_also(one.lever, place)
        if len(states) == MOST_STATES:
            break
    return list(states.values())


def _tries(matter: Matter, state: Turn) -> list["_Try"]:
    """The levers that may turn what refuses the candidate in a state, each tried at some of its values."""
    refused = int(matter.refused([state.supposed])[0])
    levers = levers_of(matter, refusing_rules(refused))
    tries = [_Try(matter, lever, state, rules, refused) for lever, rules in levers if lever.name not in state.names]
    _ask(matter, [(one, place) for one in tries for zone in one.zones for place in _spread(zone, _first_asked(zone))])
    return tries


class _Try:
    """One lever moved in one state: what the rules say at its values, each judged once."""

    def __init__(self, matter: Matter, lever: Lever, state: Turn, rules: frozenset[str], refused: int) -> None:
        self.matter, self.lever, self.state, self.rules, self.refused = matter, lever, state, rules, refused
        self.said: dict[int, int] = {}

    @property
    def zones(self) -> list[range]:
        """The places of the values, cut where a rule that had turned may turn back."""
        cuts = sorted({0, len(self.lever.values), *(at for at in self.lever.breaks if 0 < at < len(self.lever.values))})
        return [range(first, last) for first, last in itertools.pairwise(cuts)]

    def turning(self) -> int | None:
        """The first place at which nothing refuses the candidate."""
        found = (self._turning_in(zone) for zone in self.zones)
        return next((place for place in found if place is not None), None)

    def _turning_in(self, zone: range) -> int | None:
        """The first in one zone: from where all but the curved rules hold, onwards."""
        if len(zone) <= AT_ONCE:
            return self._first(zone, ~0)
        begins = self._first(zone, _bits(self.rules - CURVED))
        if begins is None or not self.said[begins]:
            return begins
        further = range(begins, zone.stop)
        if self.rules & CURVED or any(place in further and not bits for place, bits in self.said.items()):
            return self._first(further, ~0)
        return None

    def up_to(self, place: int) -> int:
        """The first place at which nothing refuses the candidate, up to one of which that is known."""
        found = self._first(range(place + 1), ~0)
        return place if found is None else found

    def left(self) -> int | None:
        """How many rules refuse at best, where the lever turns one at least, by the values tried so far."""
        counts = [bits.bit_count() for bits in self.said.values() if self.refused & ~bits]
        return min(counts, default=None)

    def moved(self) -> int | None:
        """The first place at which the most of its rules have turned."""
        least = min((bits & _bits(self.rules)).bit_count() for bits in self.said.values())
        best = next(bits for bits in self.said.values() if (bits & _bits(self.rules)).bit_count() == least)
        turned = _bits(self.rules) & ~best
        found = (self._first(zone, turned) for zone in self.zones)
        return next((place for place in found if place is not None), None)

    def _first(self, places: range, mask: int) -> int | None:
        """The first place at which no rule of a mask refuses: of many places some are asked, then those between."""
        most = _first_asked(places)
        while True:
            probes = _spread(places, most)
            _ask(self.matter, [(self, place) for place in probes])
            passes = next((index for index, place in enumerate(probes) if not self.said[place] & mask), None)
            if passes is None:
                return None
            if len(probes) == len(places) or passes == 0:
                return probes[passes]
            places, most = range(probes[passes - 1] + 1, probes[passes] + 1), AT_ONCE


def _first_asked(places: range) -> int:
    return AT_ONCE if len(places) <= AT_ONCE else AT_FIRST


def _spread(places: range, most: int) -> list[int]:
    """At most so many places, evenly apart, the first and the last among them."""
    if len(places) <= most:
        return list(places)
    return [places[index * (len(places) - 1) // (most - 1)] for index in range(most)]


def _ask(matter: Matter, places: Sequence[tuple[_Try, int]]) -> None:
    """Judge some places of some tries together, those that were not asked before."""
    asked = [(one, place) for one, place in places if place not in one.said]
    for start in range(0, len(asked), AT_ONCE):
        some = asked[start : start + AT_ONCE]
        supposed = [one.state.supposed.and_also(one.lever.suppose(one.lever.values[place])) for one, place in some]
        for (one, place), bits in zip(some, matter.refused(supposed).tolist(), strict=True):
            one.said[place] = bits


def _made_small(matter: Matter, turn: Turn) -> Turn:
    """The same turn with nothing in it that is not needed, and each change as small as the others let it be."""
    if len(turn.moves) == 1:
        return turn
    while (smaller := _shrunk(matter, turn)).moves != turn.moves:
        turn = smaller
    return turn


def _shrunk(matter: Matter, turn: Turn) -> Turn:
    for lever, _ in turn.moves:
        fewer = turn.without(lever)
        if fewer.moves and not matter.refused([fewer.supposed])[0]:
            turn = fewer
    for at, (lever, place) in enumerate(turn.moves):
        smaller = _Try(matter, lever, turn.without(lever), frozenset(), 0).up_to(place)
        turn = Turn((*turn.moves[:at], (lever, smaller), *turn.moves[at + 1 :]))
    return turn


def _bits(rules: Iterable[str]) -> int:
    return sum(1 << BIT[rule] for rule in rules)
