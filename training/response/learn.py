"""From contacts to a learned response: who leaves when called, who accepts what, and all of it as one table."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from engine.policy import Policy
from engine.rulebook import InForce
from intake.contacts import ACCEPTED, CONTROL, OFFERED, Contacts
from models.churn import Churn
from models.features import Encoding
from models.response import MONEY_AND_TASTES, UNIT, LearnedResponse
from training.agents import agent_weights
from training.encoding import fit_encoding
from training.response.basis import Basis, fit_basis
from training.response.gains import Gains, stated_gains
from training.response.leaving import NotAccepted, fit_leaving, fit_waking
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
        encoding = fit_encoding(contacts.features)
        codes = encoding.codes(contacts.features)
        basis = fit_basis(encoding, codes)
        columns = basis.columns(codes)
        leaving = _fit_leaving(contacts, columns, (encoding, codes, basis), churn)
        gains = stated_gains(contacts, in_force.catalogue, in_force.policy)
        made = contacts.group == OFFERED
        offered = Offered(
            columns=columns[made],
            gains=replace(gains, log_odds=gains.log_odds[made]),
            leaving=leaving.contacted[made],
            accepted=(contacts.reaction[made] == ACCEPTED).astype(np.float64),
            weight=agent_weights(contacts)[made],
        )
        mixture = fit_mixture(offered, in_force.policy["hassle_log_odds"], SEED)
        return Learned(_as_table(mixture, leaving, (encoding, basis), gains, in_force.policy), leaving.churn)


def _fit_leaving(
    contacts: Contacts, columns: Numbers, encoded: tuple[Encoding, NDArray[np.int64], Basis], churn: Churn | None
) -> _Leaving:
    encoding, codes, basis = encoded
    others, contacted = contacts.reaction != ACCEPTED, contacts.group != CONTROL
    weight = agent_weights(contacts)
    seen = NotAccepted(columns[others], contacted[others], contacts.left[others], weight[others])
    if churn is not None:
        anchor = churn.logit(contacts.features)
        woken, woken_by = fit_waking(seen, anchor[others])
        return _Leaving(churn, anchor + woken + columns @ woken_by, woken_by, woken)
    leaving = fit_leaving(seen)
    by_code = np.split(basis.by_code(leaving.main[:, None])[:, 0], np.cumsum(_codes(encoding))[:-1])
    own = to_churn(Terms(leaving.intercept, by_code), encoding, codes)
    return _Leaving(own, leaving.contacted(columns), leaving.woken_by, leaving.woken)


def _codes(encoding: Encoding) -> list[int]:
    return [feature.codes_count for feature in encoding.features]


def _as_table(
    mixture: Mixture, leaving: _Leaving, encoded: tuple[Encoding, Basis], gains: Gains, policy: Policy
) -> LearnedResponse:
    encoding, basis = encoded
    of_terms = mixture.tastes_by[:, gains.taste_of] + mixture.terms_by
    by = [mixture.willing_by[:, None], leaving.woken_by[:, None], mixture.shares_by, mixture.tastes_by, of_terms]
    woken = leaving.woken - policy["contact_log_odds"]
    intercept = [np.array([0.0, woken]), mixture.shares, np.zeros(MONEY_AND_TASTES), mixture.terms + gains.believed]
    return LearnedResponse(
        encoding=encoding,
        offset=np.cumsum([0, *_codes(encoding)[:-1]]),
        table=_whole(basis.by_code(np.concatenate(by, axis=1))),
        intercept=_whole(np.concatenate(intercept)),
        willing=mixture.willing + policy["hassle_log_odds"],
        weights=mixture.weights,
        term_names=gains.names,
        taste_of=gains.taste_of,
    )


def _whole(values: Numbers) -> NDArray[np.int64]:
    return np.rint(values / UNIT).astype(np.int64)
