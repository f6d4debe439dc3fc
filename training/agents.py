"""What one agent can teach is bounded: no more than two of them would, and nothing that hardly can have happened."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from intake.contacts import ACCEPTED, DECLINED, Contacts

MOST_TIMES_AN_EQUAL_SHARE = 2.0
MOST_Z = 6.0
LEAST_ANSWERS = 20
NORMAL_MAD = 1.4826
Numbers = NDArray[np.float64]


def believable(contacts: Contacts) -> Contacts:
    """The same contacts without those of agents whose customers said what hardly can have been said, and a note of it.

    They accept so much more or less often than those of the others that neither chance nor skill, as the others show
    it, gives that; their rows are to be looked at by a person.
    """
    if contacts.agents is None:
        return contacts
    names, agent = np.unique(contacts.agents.astype(str), return_inverse=True)
    doubtful = _doubtful(contacts, agent, names != "")
    if not doubtful.any():
        return contacts
    kept = contacts.take(np.flatnonzero(~doubtful[agent]))
    rows, agents = len(contacts) - len(kept), int(doubtful.sum())
    note = (
        f"{rows} rows left out: customers of {agents} agents accept as those of no other agent do; look at these rows"
    )
    return replace(kept, notes=[*contacts.notes, note])


def agent_weights(contacts: Contacts) -> Numbers:
    """How much each contact may teach [n], above 0 and up to 1; 1 where no agent is told."""
    if contacts.agents is None:
        return np.ones(len(contacts))
    names, agent = np.unique(contacts.agents.astype(str), return_inverse=True)
    share, told = np.ones(len(names)), names != ""
    share[told] = _bounded(np.bincount(agent, minlength=len(names))[told].astype(np.float64))
    return share[agent]


def _bounded(rows: Numbers) -> Numbers:
    """The weight of each agent's rows [agents], so that none has over twice an equal share of what all weigh."""
    descending = np.sort(rows)[::-1]
    for above in range((len(rows) + 1) // 2):
        most = MOST_TIMES_AN_EQUAL_SHARE * descending[above:].sum() / (len(rows) - MOST_TIMES_AN_EQUAL_SHARE * above)
        if descending[above] <= most:
            return np.minimum(1.0, most / rows)
    return np.ones(len(rows))


def _doubtful(contacts: Contacts, agent: NDArray[np.int64], told: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Agents whose rate of acceptance stands more than six deviations from the middle one, skill counted in."""
    answered = np.isin(contacts.reaction, (ACCEPTED, DECLINED))
    answers = np.bincount(agent[answered], minlength=len(told))
    accepted = np.bincount(agent[contacts.reaction == ACCEPTED], minlength=len(told))
    judged = told & (answers >= LEAST_ANSWERS)
    if judged.sum() < 3:
        return np.zeros(len(told), dtype=bool)
    rate = accepted / np.maximum(answers, 1)
    middle = float(np.median(rate[judged]))
    chance = np.sqrt(max(middle * (1.0 - middle), 1.0 / LEAST_ANSWERS**2) / np.maximum(answers, 1))
    off = (rate - middle) / chance
    spread = max(1.0, NORMAL_MAD * float(np.median(np.abs(off[judged]))))
    return judged & (np.abs(off) > MOST_Z * spread)
