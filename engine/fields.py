"""The facts a decision may read: one line a fact, with its kind, unit and range.

The mapping of an operator's file, the store, the conditions of an offer and the request all speak of these names.
Unknown is a value of its own: NaT for a date, -1 for a count or a limit, NaN for a probability, "" for a text.
"""

import functools
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Kind = Literal["identifier", "text", "choice", "names", "whole", "date", "flag", "probability"]

CHANNELS = ("phone_in", "phone_out", "shop", "web", "social")
OUTBOUND_CHANNELS = ("phone_out",)
REASONS_FOR_CONTACT = ("information", "complaint", "wants_to_leave", "port_requested", "asks_for_offer")
REASONS_FOR_REFUSAL = (
    "commitment_too_long",
    "top_up_too_high",
    "not_the_device_i_want",
    "too_expensive",
    "rivals_offer",
    "not_now",
    "other",
)
ROLES = ("agent", "supervisor", "manager", "auditor")
LANGUAGES = ("fr", "nl", "en")

UNKNOWN_COUNT = -1
UNKNOWN_DATE = np.datetime64("NaT", "D")
NO_LIMIT = -1
NOTHING_REFUSED_MICRO = -(2**53)
"""Below the worth of any terms: what a case remembers before a first refusal."""
IDENTIFIER_PATTERN = r"[A-Za-z0-9][A-Za-z0-9._:-]{0,63}"


@dataclass(frozen=True, eq=False)
class Field:
    """One fact: its name (units end the name), kind, meaning, and the value that stands for "not on file".

    There is one object a fact, so that tables keyed by facts need not read them to find one.
    """

    name: str
    kind: Kind
    meaning: str
    default: object = None
    low: int = 0
    high: int = 0
    choices: tuple[str, ...] = ()

    @functools.cached_property
    def required(self) -> bool:
        return self.default is None


def _count(name: str, meaning: str, high: int) -> Field:
    return Field(name, "whole", meaning, UNKNOWN_COUNT, UNKNOWN_COUNT, high)


FACTS: tuple[Field, ...] = (
    Field("contract_id", "identifier", "the contract the question is about"),
    Field("customer_id", "identifier", "the customer behind the contract; one customer may hold several", ""),
    Field("price_cents", "whole", "monthly price today, including VAT", None, 0, 1_000_000),
    Field("cost_to_serve_cents", "whole", "monthly cost to serve, net of VAT", None, 0, 1_000_000),
    Field("customer_since", "date", "first day as a customer; tenure is counted from it", UNKNOWN_DATE),
    Field("commitment_end", "date", "last day of the current commitment; unknown or past: none", UNKNOWN_DATE),
    Field("current_device", "text", "the device in use, by its id in devices.toml where it is there", ""),
    _count("device_age_months", "age of the device in use", 600),
    _count("sms_per_month", "messages sent in a usual month", 1_000_000),
    _count("data_mb_per_month", "mobile data used in a usual month", 100_000_000),
    _count("voice_minutes_per_month", "minutes called in a usual month", 1_000_000),
    _count("international_minutes_per_month", "minutes called abroad in a usual month", 1_000_000),
    Field("open_fault", "text", "what does not work and is not yet repaired; empty: nothing", ""),
    Field("objects_to_profiling", "flag", "objected to direct marketing or profiling", False),
    Field("over_indebted", "flag", "over-indebtedness is recognised", False),
    Field("protected_adult", "flag", "an adult under legal protection", False),
    Field("contract_concluded_on", "date", "day the current contract was concluded or last renewed", UNKNOWN_DATE),
    _count("contract_months", "commitment of the current contract, from its first day", 24),
    Field("device_subsidised", "flag", "the current contract came with a handset below its price", False),
    Field("device_value_cents", "whole", "what the contract says the handset is worth", UNKNOWN_COUNT, -1, 1_000_000),
    Field("renewed_automatically", "flag", "the current contract was prolonged without a new consent", False),
    Field("performance_gap", "flag", "a lasting gap between the performance promised and the real one", False),
    Field("terms_changed_on", "date", "day of the last notice that the operator changes the contract", UNKNOWN_DATE),
    Field("refusals_on_file", "whole", "offers refused in this round", 0, 0, 1_000),
    Field("public_complaints_on_file", "whole", "complaints made in public", 0, 0, 1_000),
    Field("language", "choice", "language of the customer", "fr", choices=LANGUAGES),
    Field("p_churn", "probability", "chance of leaving within the window, scored elsewhere and stored", float("nan")),
    Field("p_churn_window_months", "whole", "window of the stored p_churn", UNKNOWN_COUNT, UNKNOWN_COUNT, 120),
)

WANTS: tuple[Field, ...] = (
    Field("wants_device", "text", "the wanted device, by its id in devices.toml", ""),
    Field("wants_max_commitment_months", "whole", "longest commitment accepted", NO_LIMIT, NO_LIMIT, 24),
    Field("wants_max_monthly_cents", "whole", "highest monthly price, incl. VAT", NO_LIMIT, NO_LIMIT, 1_000_000),
    Field("wants_max_upfront_cents", "whole", "highest top-up accepted, incl. VAT", NO_LIMIT, NO_LIMIT, 10_000_000),
    Field("wants_needs", "names", "wanted extras, by their names in offers.toml; ';' between them in a file", ()),
)

CONTACT: tuple[Field, ...] = (
    Field("channel", "choice", "how the customer and the operator meet", "phone_out", choices=CHANNELS),
    Field("reason_for_contact", "choice", "why the customer got in touch", "information", choices=REASONS_FOR_CONTACT),
)

REACH: tuple[Field, ...] = (
    Field("time_zone", "text", "time zone of the customer, such as Indian/Reunion; empty: that of the market", ""),
    Field("department", "text", "French department or territory the customer lives in, by its number, such as 974", ""),
    Field("calls_made", "names", "days on which we called, answered or not, by anyone who calls for us", ()),
    Field("call_refused_on", "date", "day of the last refusal in a call of ours", UNKNOWN_DATE),
    Field("calls_consented_on", "date", "day of the consent to calls; unknown: none, or withdrawn", UNKNOWN_DATE),
    Field("do_not_call", "flag", "does not want to be called", False),
    Field("on_do_not_call_list", "flag", "stands on the national do-not-call list", False),
    Field("contract_ended_on", "date", "last day of a contract that was ended; unknown: it runs", UNKNOWN_DATE),
    Field("best_tariff_notice_on", "date", "day of the notice of the end, with the best tariff", UNKNOWN_DATE),
)
"""What is on file of calling a customer: no offer depends on it, only whether and when we may call."""

CALL: tuple[Field, ...] = (
    Field("call_on", "date", "day on which our call begins, where the customer lives", UNKNOWN_DATE),
    Field("call_minute", "whole", "minute of that day by the customer's clock; unknown: any", UNKNOWN_COUNT, -1, 1_439),
    Field("call_zone", "text", "the time zone of that clock", ""),
    Field("public_holidays", "names", "public holidays there, from that day on", ()),
    Field("call_asked_for", "flag", "the customer asked to be called back, and that is promised", False),
)
"""The call of ours that a question is about: written at the seam, never read from a request or from a file."""

ROLE = Field("role", "choice", "role of the key that asks; never from a request", "agent", choices=ROLES)

MEMORY: tuple[Field, ...] = (
    Field("refused_offers", "names", "ids of the offers refused in this round", ()),
    Field("unwanted_devices", "names", "devices the customer said no to in this round, by their ids", ()),
    Field(
        "least_worth_micro",
        "whole",
        "what the best refused offer is worth as tastes are believed now, in 1e-6 cents a month",
        NOTHING_REFUSED_MICRO,
        NOTHING_REFUSED_MICRO,
        -NOTHING_REFUSED_MICRO,
    ),
    Field("steps_taken", "whole", "offers put on the table and refused in this round", 0, 0, 1_000),
    Field("unkept_promise", "text", "what was promised and not kept; empty: nothing", ""),
    Field("account_granted_cents", "whole", "concessions accepted on this customer's lines", 0, 0, 1_000_000_000),
    Field("sold_out", "names", "devices of which none is left today, by their ids", ()),
)
"""What the case remembers: written by the ledger, never read from a request or from an operator's file."""

CASE_FIELDS: tuple[Field, ...] = (*FACTS, *REACH, *WANTS, *CONTACT, *CALL, ROLE, *MEMORY)
FIELD_BY_NAME: dict[str, Field] = {field.name: field for field in CASE_FIELDS}


@functools.cache
def dtype_of(field: Field) -> np.dtype[Any]:
    """The numpy type of one field's column."""
    return np.dtype(
        {"whole": "int64", "date": "datetime64[D]", "flag": "bool", "probability": "float64"}.get(field.kind, "object")
    )


def default_column(field: Field, rows: int) -> NDArray[np.generic]:
    """A column of `rows` values that all say "not on file"."""
    column = np.empty(rows, dtype=dtype_of(field))
    column[:] = [field.default] * rows if field.kind == "names" else field.default
    return column
