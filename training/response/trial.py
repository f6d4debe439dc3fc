"""How well what contacts teach foretells who leaves when not contacted, on customers it has not seen."""

from collections import Counter

import numpy as np
from numpy.typing import NDArray

from intake.contacts import CONTROL, Contacts
from models.churn import Churn
from training.fit import Fitted
from training.protocol import FOLDS, Trial
from training.response.basis import encode
from training.response.leaving import fit_leaving, not_accepting
from training.rows import Rows
from training.splits import splits

CHOSEN = "smooth, from contacts"
SEED = 0


def rows_left_alone(contacts: Contacts) -> Rows:
    """The control group as rows to judge a churn model on: who leaves when nobody calls."""
    return all_rows(contacts).take(np.flatnonzero(contacts.group == CONTROL))


def all_rows(contacts: Contacts) -> Rows:
    """Every contact as a row."""
    return Rows(contacts.features, contacts.left, contacts.customers, contacts.dates, contacts.window_months)


def try_contacts(contacts: Contacts) -> Trial:
    """The control group, foretold fold by fold from all the other customers' contacts."""
    rows = all_rows(contacts)
    control = contacts.group == CONTROL
    p = np.full(len(rows), np.nan)
    for fitted, judged in splits(rows, FOLDS, SEED):
        alone = judged[control[judged]]
        p[alone] = _foretell(contacts, fitted, alone)
    told = np.flatnonzero(control & ~np.isnan(p))
    place = np.searchsorted(np.flatnonzero(control), told)
    customers = np.unique(contacts.customers, return_inverse=True)[1]
    chosen = Counter({CHOSEN: FOLDS})
    return Trial(contacts.left[told], np.ones(len(told)), p[None, told], customers[told], chosen, place)


def fitted_from(churn: Churn, trial: Trial) -> Fitted:
    """The churn model as the card tells of it."""
    chance = np.where(trial.left, trial.p[0], 1 - trial.p[0])
    return Fitted(churn, CHOSEN, {CHOSEN: float(-np.log(chance).mean())})


def _foretell(contacts: Contacts, fitted: NDArray[np.int64], judged: NDArray[np.int64]) -> NDArray[np.float64]:
    part = contacts.take(fitted)
    encoded = encode(part.features)
    leaving = fit_leaving(not_accepting(part, encoded))
    unseen = encoded.basis.columns(encoded.encoding.codes(contacts.take(judged).features))
    return np.asarray(1 / (1 + np.exp(-leaving.alone(unseen))))
