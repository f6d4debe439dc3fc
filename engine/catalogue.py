"""The catalogue of one day: every template times its levers, as columns sorted by offer id."""

import datetime
import functools
import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from engine.policy import COMMITMENTS, Policy
from engine.tables import TASTES
from engine.terms import NONE, Goods, Priced, Terms, Whole, price, share_months

KINDS = ("device", "trade_in", "discount", "extras", "credit", "service")
LEVERS = ("devices", "trade_in", "commitment_months", "discount_cents", "credit_cents", "top_up_cents", "extras")
WISH = "wish"


@dataclass(frozen=True)
class Template:
    """One offer of offers.toml, without its levers."""

    id: str
    kind: int
    says: Mapping[str, str]
    standard: bool = False
    entitlement: bool = False
    starts_after_current: bool = False
    conditions: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True)
class Marks:
    """What the templates say of themselves, as columns [templates], or what those of candidates say (r, C)."""

    kind: Whole
    standard: NDArray[np.bool_]
    entitlement: NDArray[np.bool_]
    starts_after_current: NDArray[np.bool_]
    wish: NDArray[np.bool_]

    def of(self, template: Whole) -> "Marks":
        """The marks of each candidate's template, same shape."""
        return Marks(*(column[template] for column in vars(self).values()))


@dataclass(frozen=True)
class Twins:
    """For each candidate its group of 12-month twins: same template, device, extras, discount and credit, any top-up.

    `members` lists the 12-month candidates group by group, cheapest top-up first; `starts` where each group begins;
    `group` [J] is the group of each candidate, -1 where no twin exists.
    """

    members: Whole
    starts: Whole
    group: Whole

    def any_passes(self, passes: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Whether some twin of each candidate passes, (n, J), from who passes (n, J)."""
        if not len(self.starts):
            return np.zeros((1, 1), dtype=bool)
        groups = np.logical_or.reduceat(passes[:, self.members], self.starts, axis=1)
        found: NDArray[np.bool_] = groups[:, self.group] & (self.group != NONE)
        return found

    def of(self, row: int, candidate: int) -> Whole:
        """The twins of one candidate, whoever the customer is, the cheapest top-up first."""
        group = int(self.group[candidate])
        ends = self.starts[group + 1] if group + 1 < len(self.starts) else len(self.members)
        return self.members[self.starts[group] : ends]


class HasTwins(Protocol):
    """Twins of a table of candidates, listed or personal."""

    def any_passes(self, passes: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Whether some twin of each candidate passes, same shape as `passes`."""

    def of(self, row: int, candidate: int) -> Whole:
        """The twins of one candidate of one customer, the cheapest top-up first."""


@dataclass(frozen=True)
class Candidates:
    """Candidates priced, the marks of their templates, their twins, and which of them exist (r, C)."""

    priced: Priced
    marks: Marks
    twins: HasTwins
    exists: NDArray[np.bool_]


@dataclass(frozen=True)
class Catalogue:
    """All that may be offered on one day. The last template is the wish, whose terms are solved, not listed."""

    goods: Goods
    templates: tuple[Template, ...]
    marks: Marks
    offer_ids: NDArray[np.str_]
    listed: Candidates
    device_index: Mapping[str, int]
    taken_back: frozenset[str]
    extra_bit: Mapping[str, int]
    device_says: tuple[str, ...]
    extra_says: tuple[Mapping[str, str], ...]
    wish_commitments: tuple[int, ...]

    @property
    def wish_template(self) -> int:
        return len(self.templates) - 1

    @functools.cached_property
    def column_of(self) -> Mapping[str, int]:
        """The column of each listed offer, by its id."""
        return {str(offer_id): column for column, offer_id in enumerate(self.offer_ids)}

    def id_of(self, terms: Mapping[str, int]) -> str:
        """The id that spells some terms; that of a listed offer is spelled the same way."""
        devices = (*self.goods.device_ids, "")
        levers = (
            devices[terms["device"]],
            devices[terms["trade_in"]],
            terms["commitment_months"],
            terms["discount_cents"],
            terms["discount_months"],
            terms["credit_cents"],
            terms["top_up_cents"],
            tuple(name for bit, name in enumerate(self.goods.extra_ids) if terms["extras"] >> bit & 1),
        )
        return _offer_id(self.templates[terms["template"]].id, levers)


def build_catalogue(
    offers: Mapping[str, Any], devices: Mapping[str, Any], policy: Policy, vat_micro: int, today: datetime.date
) -> Catalogue:
    """The catalogue of a day from offers.toml and devices.toml, already checked; offers out of date are left out."""
    listed = [offer for offer in offers["offer"] if in_date(offer, today)]
    goods = _goods(offers["extras"], devices)
    device_index = {name: index for index, name in enumerate(goods.device_ids)}
    extra_bit = {name: bit for bit, name in enumerate(goods.extra_ids)}
    candidates = sorted(
        (_offer_id(offer["id"], levers), index, levers)
        for index, offer in enumerate(listed)
        for levers in _levers(offer, devices, policy)
    )
    offer_ids = np.array([offer_id for offer_id, _, _ in candidates])
    terms = _terms(candidates, device_index, extra_bit)
    templates = (*map(_template, listed), _wish(offers["wish"]))
    marks = _marks(templates)
    return Catalogue(
        goods=goods,
        templates=templates,
        marks=marks,
        offer_ids=offer_ids,
        listed=Candidates(
            priced=share_months(price(terms, goods, policy, vat_micro)),
            marks=marks.of(terms.template),
            twins=find_twins(terms, offer_ids),
            exists=np.ones((1, 1), dtype=bool),
        ),
        device_index=device_index,
        taken_back=frozenset(name for name, device in devices.items() if "trade_in" in device),
        extra_bit=extra_bit,
        device_says=tuple(devices[name]["says"] for name in goods.device_ids),
        extra_says=tuple(offers["extras"][name]["says"] for name in goods.extra_ids),
        wish_commitments=tuple(months for months in COMMITMENTS if months in offers["wish"]["commitment_months"]),
    )


def in_date(entry: Mapping[str, Any], today: datetime.date) -> bool:
    """Whether a dated entry holds on a day; no dates: always."""
    begins, ends = entry.get("valid_from", today), entry.get("valid_to", today)
    return bool(begins <= today <= ends)


def _template(offer: Mapping[str, Any]) -> Template:
    return Template(
        id=offer["id"],
        kind=KINDS.index(offer["kind"]),
        says=offer["says"],
        standard=offer.get("standard", False),
        entitlement=offer.get("entitlement", False),
        starts_after_current=offer.get("commitment_starts", "today") == "after_current",
        conditions=tuple(offer.get("conditions", ())),
    )


def _wish(wish: Mapping[str, Any]) -> Template:
    return Template(WISH, KINDS.index("device"), {}, conditions=tuple(wish.get("conditions", ())))


def _marks(templates: tuple[Template, ...]) -> Marks:
    return Marks(
        kind=np.array([template.kind for template in templates]),
        standard=np.array([template.standard for template in templates]),
        entitlement=np.array([template.entitlement for template in templates]),
        starts_after_current=np.array([template.starts_after_current for template in templates]),
        wish=np.array([template.id == WISH for template in templates]),
    )


def _goods(extras: Mapping[str, Any], devices: Mapping[str, Any]) -> Goods:
    names, extra_names = sorted(devices), sorted(extras)
    sets = np.arange(2 ** len(extra_names))
    cost = np.zeros(len(sets), dtype=np.int64)
    worth = np.zeros((len(TASTES), len(sets)), dtype=np.int64)
    for bit, name in enumerate(extra_names):
        held = (sets >> bit) & 1
        cost += held * extras[name]["cost_cents"]
        worth[TASTES.index(extras[name]["taste"])] += held * extras[name]["worth_cents"]

    def column(read: Any) -> Whole:
        return np.array([*(read(devices[name]) for name in names), 0], dtype=np.int64)

    return Goods(
        device_ids=tuple(names),
        device_cost_cents=column(lambda device: device["cost_cents"]),
        device_price_cents=column(lambda device: device["price_cents"]),
        stock=column(lambda device: device["stock"]),
        trade_in_credit_cents=column(lambda device: device.get("trade_in", {}).get("credit_cents", 0)),
        trade_in_resale_cents=column(lambda device: device.get("trade_in", {}).get("resale_cents", 0)),
        extra_ids=tuple(extra_names),
        extras_cost_cents=cost,
        extras_worth_cents=tuple(worth),
    )


Levers = tuple[str, str, int, int, int, int, int, tuple[str, ...]]


def _levers(offer: Mapping[str, Any], devices: Mapping[str, Any], policy: Policy) -> Iterator[Levers]:
    """(device, trade-in, commitment, discount, its months, credit, top-up, extras), less the senseless ones."""
    defaults: dict[str, Sequence[Any]] = {"devices": [""], "trade_in": [""], "extras": [[]]}
    values = [offer.get(lever, defaults.get(lever, [0])) for lever in LEVERS]
    for device, trade_in, commitment, discount, credit, top_up, extras in itertools.product(*values):
        if top_up > (devices[device]["price_cents"] if device else 0) or (trade_in and trade_in == device):
            continue
        lasts = offer.get("discount_months", commitment or policy["months_of_discount_without_commitment"])
        discount_months = min(lasts, commitment) if commitment else lasts
        yield device, trade_in, commitment, discount, discount_months, credit, top_up, tuple(sorted(extras))


def _offer_id(template: str, levers: Levers) -> str:
    device, trade_in, commitment, discount, months, credit, top_up, extras = levers
    parts = [template, device, f"for-{trade_in}" if trade_in else "", f"{commitment}m", *extras]
    parts += [f"-{discount}x{months}" if discount else "", f"credit{credit}" if credit else ""]
    parts += [f"top{top_up:06d}" if device else ""]
    return ".".join(part for part in parts if part)


def _terms(candidates: list[Any], device_index: Mapping[str, int], extra_bit: Mapping[str, int]) -> Terms:
    def column(read: Any) -> Whole:
        return np.array([[read(template, *levers) for _, template, levers in candidates]], dtype=np.int64)

    return Terms(
        template=column(lambda template, *_: template),
        device=column(lambda _t, device, *_: device_index.get(device, NONE)),
        trade_in=column(lambda _t, _d, trade_in, *_: device_index.get(trade_in, NONE)),
        commitment_months=column(lambda *levers: levers[3]),
        discount_cents=column(lambda *levers: levers[4]),
        discount_months=column(lambda *levers: levers[5] if levers[4] or not levers[3] else levers[3]),
        credit_cents=column(lambda *levers: levers[6]),
        top_up_cents=column(lambda *levers: levers[7]),
        extras=column(lambda *levers: sum(1 << extra_bit[name] for name in levers[8])),
    )


def find_twins(terms: Terms, offer_ids: NDArray[np.str_]) -> Twins:
    """The 12-month twins of every candidate of one table (1, J)."""
    kept = ("template", "device", "extras", "discount_cents", "credit_cents", "trade_in")
    same = np.stack([getattr(terms, name) for name in kept])
    _, service = np.unique(same[:, 0, :], axis=1, return_inverse=True)
    service = service.reshape(-1)
    twelve = np.flatnonzero(terms.commitment_months[0] == 12)
    members = twelve[np.lexsort((offer_ids[twelve], terms.top_up_cents[0, twelve], service[twelve]))]
    services, starts = np.unique(service[members], return_index=True)
    position = np.searchsorted(services, service)
    found = services[np.minimum(position, max(len(services) - 1, 0))] == service if len(services) else service < 0
    return Twins(members, starts, np.where(found, position, NONE))
