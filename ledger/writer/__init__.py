"""The only modules that write to the store. Each function writes in the caller's transaction, with the event of it."""

from ledger.writer.acceptances import (
    Act,
    SoldOut,
    Terms,
    accept,
    confirm,
    expire_acceptance,
    save_reply,
    take_back,
    withdraw_by_customer,
)
from ledger.writer.alarms import Alarm, close_alarm, raise_alarm
from ledger.writer.approvals import approve
from ledger.writer.calendar import lapse, sweep
from ledger.writer.echoes import keep_echo
from ledger.writer.files import Source, create_key, devices_digest, revoke_key, save_contracts, save_rulebook
from ledger.writer.journal import append, start_chain
from ledger.writer.outbox import claim, mark_delivered, post, try_later
from ledger.writer.promises import promise, release_promises, settle_promise
from ledger.writer.proposals import (
    Contact,
    Moved,
    close_interactions,
    decline,
    expire,
    keep_case,
    open_interaction,
    propose,
    show,
    withdraw,
)
from ledger.writer.signals import (
    Complaint,
    Saying,
    ask_for_callback,
    ask_for_port,
    close_fault,
    complain,
    keep_contact,
    object_to_profiling,
    open_fault,
    record_outcome,
)

__all__ = [
    "Act",
    "Alarm",
    "Complaint",
    "Contact",
    "Moved",
    "Saying",
    "SoldOut",
    "Source",
    "Terms",
    "accept",
    "append",
    "approve",
    "ask_for_callback",
    "ask_for_port",
    "claim",
    "close_alarm",
    "close_fault",
    "close_interactions",
    "complain",
    "confirm",
    "create_key",
    "decline",
    "devices_digest",
    "expire",
    "expire_acceptance",
    "keep_case",
    "keep_echo",
    "keep_contact",
    "lapse",
    "mark_delivered",
    "object_to_profiling",
    "open_fault",
    "open_interaction",
    "post",
    "promise",
    "propose",
    "raise_alarm",
    "record_outcome",
    "release_promises",
    "revoke_key",
    "save_contracts",
    "save_reply",
    "save_rulebook",
    "settle_promise",
    "show",
    "start_chain",
    "sweep",
    "take_back",
    "try_later",
    "withdraw",
    "withdraw_by_customer",
]
