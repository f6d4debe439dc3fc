"""What one agent can teach is bounded: no more than two of them would, and nothing that hardly can have happened."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from intake.contacts import ACCEPTED, DECLINED, Contacts

MOST_TIMES_AN_EQUAL_SHARE = 2.0
MOST_Z = 6.0
LEAST_ANSWERS = 20
NORMAL_MAD = 1.4826
Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class AgentWeights:
    """`weight` [n] of each contact, 0 to 1; how many agents are `bounded`, and how many are `set_aside` whole.

    Set aside are agents whose customers accept so much more or less often than those of the others that neither chance
    nor skill as the others show it gives that; their rows are to be looked at by a person.
    """

    weight: Numbers
    bounded: int
    set_aside: int


def agent_weights(contacts: Contacts) -> AgentWeights:
    """How much each contact may teach; 1 where no agent is told, and everywhere when the file tells of none."""
    if contacts.agents is None:
        return AgentWeights(np.ones(len(contacts)), 0, 0)
    names, agent = np.unique(contacts.agents.astype(str), return_inverse=True)
    told = names != ""
    believable = told & ~_unbelievable(contacts, agent, told)
    rows = np.bincount(agent, minlength=len(names)).astype(np.float64)
    share = np.ones(len(names))
    share[believable] = _bounded(rows[believable])
    share[told & ~believable] = 0.0
    return AgentWeights(share[agent], int((share[believable] < 1.0).sum()), int((told & ~believable).sum()))


def _bounded(rows: Numbers) -> Numbers:
    """The weight of each agent's rows [agents], so that none has over twice an equal share of what all weigh."""
    descending = np.sort(rows)[::-1]
    for above in range((len(rows) + 1) // 2):
        most = MOST_TIMES_AN_EQUAL_SHARE * descending[above:].sum() / (len(rows) - MOST_TIMES_AN_EQUAL_SHARE * above)
        if descending[above] <= most:
            return np.minimum(1.0, most / rows)
    return np.ones(len(rows))


def _unbelievable(contacts: Contacts, agent: NDArray[np.int64], told: NDArray[np.bool_]) -> NDArray[np.bool_]:
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
