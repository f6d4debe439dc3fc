"""The catalogue of one day: every template times its levers, as columns sorted by offer id."""

import datetime
import functools
import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.law import Law
from engine.margin import Leaving, leaving
from engine.policy import COMMITMENTS, Policy
from engine.tables import TASTES
from engine.terms import NONE, Goods, Monthly, Priced, Terms, Truth, Whole, first, price, share_months
from engine.twins import HasTwins, find_twins

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
    void: bool = False
    conditions: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True)
class Marks:
    """What the templates say of themselves, as columns [templates], or what those of candidates say (r, C)."""

    kind: Whole
    standard: Truth
    entitlement: Truth
    starts_after_current: Truth
    void: Truth
    wish: Truth

    def of(self, template: Whole) -> "Marks":
        """The marks of each candidate's template, same shape."""
        return Marks(*(column[template] for column in vars(self).values()))


@dataclass(frozen=True)
class Candidates:
    """Candidates priced, the marks of their templates, their twins, and which of them exist, (1, C) or (n, C).

    The first so many are `listed` in the catalogue, in its order.
    """

    priced: Priced
    marks: Marks
    twins: HasTwins
    exists: Truth
    listed: int


@dataclass(frozen=True)
class Catalogue:
    """All that may be offered on one day. The last template is the wish, whose terms are solved, not listed.

    `monthly` (1, Q), what `leaving` means under it, and `monthly_of` [J], which of it each listed candidate has.
    `open`: the listed candidates and, behind them, those of a wish, blank until it is solved.
    """

    goods: Goods
    templates: tuple[Template, ...]
    marks: Marks
    offer_ids: NDArray[np.str_]
    monthly: Monthly
    leaving: Leaving
    monthly_of: Whole
    listed: Candidates
    open: Candidates
    device_index: Mapping[str, int]
    taken_back: frozenset[str]
    extra_bit: Mapping[str, int]
    device_says: tuple[str, ...]
    extra_says: tuple[Mapping[str, str], ...]

    @property
    def wish_template(self) -> int:
        return len(self.templates) - 1

    @functools.cached_property
    def blank_wish(self) -> Terms:
        """The terms of a wish before it is solved."""
        return self.open.priced.terms.behind(self.open.listed)

    @functools.cached_property
    def twins_of_wish(self) -> Whole:
        """Which terms of a wish run over 12 months."""
        return np.flatnonzero(self.blank_wish.commitment_months[0] == 12)

    @functools.cached_property
    def column_of(self) -> Mapping[str, int]:
        """The column of each listed offer, by its id."""
        return {str(offer_id): column for column, offer_id in enumerate(self.offer_ids)}

    @functools.cached_property
    def columns_of_terms(self) -> Mapping[str, list[int]]:
        """The columns of the listed offers with the same terms, whatever their template, by what their ids spell."""
        columns: dict[str, list[int]] = {}
        for offer_id, column in self.column_of.items():
            columns.setdefault(terms_spelled(offer_id), []).append(column)
        return columns

    @functools.cached_property
    def standard_in_order(self) -> Whole:
        """The columns of the standard offers, in the order of offers.toml."""
        columns = np.flatnonzero(self.listed.marks.standard[0])
        return columns[np.argsort(self.listed.priced.terms.template[0, columns], kind="stable")]

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
    offers: Mapping[str, Any], devices: Mapping[str, Any], policy: Policy, law: Law, today: datetime.date
) -> Catalogue:
    """The catalogue of a day from offers.toml and devices.toml, already checked; offers out of date are left out."""
    listed = [offer for offer in offers["offer"] if in_date(offer, today)]
    goods = _goods(offers["extras"], devices, law)
    device_index = {name: index for index, name in enumerate(goods.device_ids)}
    extra_bit = {name: bit for bit, name in enumerate(goods.extra_ids)}
    candidates = sorted(
        (_offer_id(offer["id"], levers), index, levers)
        for index, offer in enumerate(listed)
        for levers in _levers(offer, devices, policy)
    )
    offer_ids = np.array([offer_id for offer_id, _, _ in candidates])
    void_phrases = law.lines.get("BE-VOID", {}).get("phrases", ())
    templates = (*(_template(offer, void_phrases) for offer in listed), _wish(offers["wish"]))
    marks = _marks(templates)
    blank = [("", len(listed), levers) for levers in _blank_levers(offers["wish"], policy)]
    priced, monthly = price(_terms(candidates + blank, device_index, extra_bit), goods, policy, law.vat_micro)
    many, of_each = len(candidates), marks.of(priced.terms.template)
    priced_listed, exists = first(priced, many), np.ones(priced.terms.template.shape, dtype=bool)
    twins = find_twins(priced_listed.terms, offer_ids)
    shared, monthly_of = share_months(first(monthly, many))
    return Catalogue(
        goods=goods,
        templates=templates,
        marks=marks,
        offer_ids=offer_ids,
        monthly=shared,
        leaving=leaving(shared, law.exits),
        monthly_of=monthly_of,
        listed=Candidates(priced_listed, first(of_each, many), twins, exists[:, :many], many),
        open=Candidates(priced, of_each, twins, exists, many),
        device_index=device_index,
        taken_back=frozenset(name for name, device in devices.items() if "trade_in" in device),
        extra_bit=extra_bit,
        device_says=tuple(devices[name]["says"] for name in goods.device_ids),
        extra_says=tuple(offers["extras"][name]["says"] for name in goods.extra_ids),
    )


def in_date(entry: Mapping[str, Any], today: datetime.date) -> bool:
    """Whether a dated entry holds on a day; no dates: always."""
    begins, ends = entry.get("valid_from", today), entry.get("valid_to", today)
    return bool(begins <= today <= ends)


def _template(offer: Mapping[str, Any], void_phrases: Sequence[str]) -> Template:
    words = " ".join(offer["says"].values()).lower()
    return Template(
        id=offer["id"],
        kind=KINDS.index(offer["kind"]),
        says=offer["says"],
        standard=offer.get("standard", False),
        entitlement=offer.get("entitlement", False),
        starts_after_current=offer.get("commitment_starts", "today") == "after_current",
        void=any(phrase.lower() in words for phrase in void_phrases),
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
        void=np.array([template.void for template in templates]),
        wish=np.array([template.id == WISH for template in templates]),
    )


def _goods(extras: Mapping[str, Any], devices: Mapping[str, Any], law: Law) -> Goods:
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

    agreed = np.append(column(lambda device: device.get("agreed_value_cents", NONE))[:NONE], 0)
    return Goods(
        device_ids=tuple(names),
        device_cost_cents=column(lambda device: device["cost_cents"]),
        device_price_cents=column(lambda device: device["price_cents"]),
        agreed_value_cents=agreed,
        kept_value_cents=np.maximum(agreed, 0) if law.exits.device_rule else np.zeros_like(agreed),
        stock=column(lambda device: device["stock"]),
        trade_in_credit_cents=column(lambda device: device.get("trade_in", {}).get("credit_cents", 0)),
        trade_in_resale_cents=column(lambda device: device.get("trade_in", {}).get("resale_cents", 0)),
        extra_ids=tuple(extra_names),
        extras_cost_cents=cost,
        extras_worth_cents=worth,
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


def _blank_levers(wish: Mapping[str, Any], policy: Policy) -> list[Levers]:
    """The levers of a wish before it is solved: every commitment twice, exact and within authority."""
    lasts = policy["months_of_discount_without_commitment"]
    commitments = [months for months in COMMITMENTS if months in wish["commitment_months"]]
    return [("", "", months, 0, lasts, 0, 0, ()) for months in commitments * 2]


def _offer_id(template: str, levers: Levers) -> str:
    device, trade_in, commitment, discount, months, credit, top_up, extras = levers
    parts = [template, device, f"for-{trade_in}" if trade_in else "", f"{commitment}m", *extras]
    parts += [f"-{discount}x{months}" if discount else "", f"credit{credit}" if credit else ""]
    parts += [f"top{top_up:06d}" if device else ""]
    return ".".join(part for part in parts if part)


def terms_spelled(offer_id: str) -> str:
    """The terms that the id of an offer spells, without its template."""
    return offer_id.partition(".")[2]


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
