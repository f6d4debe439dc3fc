"""From contacts to a learned response: who leaves when called, who accepts what, and all of it as one table."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from engine.policy import Policy
from engine.rulebook import InForce
from intake.contacts import ACCEPTED, OFFERED, Contacts
from models.churn import Churn
from models.features import Encoding
from models.response import MONEY_AND_TASTES, UNIT, LearnedResponse
from training.agents import agent_weights
from training.response.basis import Encoded, encode
from training.response.gains import Gains, stated_gains
from training.response.leaving import fit_leaving, fit_waking, not_accepting
from training.response.mixture import Mixture, Offered, fit_mixture
from training.terms import Terms, to_churn

Numbers = NDArray[np.float64]
SEED = 0


@dataclass(frozen=True)
class Learned:
    """The response, and the churn model it is anchored on: the one given, or one from the same contacts."""

    response: LearnedResponse
    churn: Churn


@dataclass(frozen=True)
class _Leaving:
    """The churn model, the log-odds of leaving when contacted [n], and what a contact adds: by columns, and to all."""

    churn: Churn
    contacted: Numbers
    woken_by: Numbers
    woken: float


def learn_response(contacts: Contacts, in_force: InForce, churn: Churn | None = None) -> Learned:
    """What contacts teach beside the priors of a rulebook; one thread, so that the same contacts give the same bits.

    A contact that nobody answered is one in which nothing was accepted: what is learned holds for who is called.
    """
    with threadpool_limits(limits=1):
        encoded = encode(contacts.features)
        leaving = _fit_leaving(contacts, encoded, churn)
        gains = stated_gains(contacts, in_force.catalogue, in_force.policy)
        made = contacts.group == OFFERED
        offered = Offered(
            columns=encoded.columns[made],
            gains=replace(gains, log_odds=gains.log_odds[made]),
            leaving=leaving.contacted[made],
            accepted=(contacts.reaction[made] == ACCEPTED).astype(np.float64),
            weight=agent_weights(contacts)[made],
            of_fact=encoded.basis.of_fact,
        )
        mixture = fit_mixture(offered, in_force.policy["hassle_log_odds"], SEED)
        return Learned(_as_table(mixture, leaving, encoded, gains, in_force.policy), leaving.churn)


def _fit_leaving(contacts: Contacts, encoded: Encoded, churn: Churn | None) -> _Leaving:
    columns, seen = encoded.columns, not_accepting(contacts, encoded)
    if churn is not None:
        anchor = churn.logit(contacts.features)
        woken, woken_by = fit_waking(seen, anchor[contacts.reaction != ACCEPTED])
        return _Leaving(churn, anchor + woken + columns @ woken_by, woken_by, woken)
    leaving = fit_leaving(seen)
    by_code = encoded.basis.by_code(leaving.main[:, None])[:, 0]
    by_feature = np.split(by_code, np.cumsum(_codes(encoded.encoding))[:-1])
    own = to_churn(Terms(leaving.intercept, by_feature), encoded.encoding, encoded.codes)
    return _Leaving(own, leaving.contacted(columns), leaving.woken_by, leaving.woken)


def _codes(encoding: Encoding) -> list[int]:
    return [feature.codes_count for feature in encoding.features]


def _as_table(mixture: Mixture, leaving: _Leaving, encoded: Encoded, gains: Gains, policy: Policy) -> LearnedResponse:
    of_terms = mixture.tastes_by[:, gains.taste_of] + mixture.terms_by
    by = [mixture.willing_by[:, None], leaving.woken_by[:, None], mixture.shares_by, mixture.tastes_by, of_terms]
    woken = leaving.woken - policy["contact_log_odds"]
    intercept = [np.array([0.0, woken]), mixture.shares, np.zeros(MONEY_AND_TASTES), mixture.terms + gains.believed]
    return LearnedResponse(
        encoding=encoded.encoding,
        offset=np.cumsum([0, *_codes(encoded.encoding)[:-1]]),
        table=_whole(encoded.basis.by_code(np.concatenate(by, axis=1))),
        intercept=_whole(np.concatenate(intercept)),
        willing=mixture.willing + policy["hassle_log_odds"],
        weights=mixture.weights,
        term_names=gains.names,
        taste_of=gains.taste_of,
    )


def _whole(values: Numbers) -> NDArray[np.int64]:
    return np.rint(values / UNIT).astype(np.int64)
