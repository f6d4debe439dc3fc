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

__all__ = [
    "Alarm",
    "Act",
    "Contact",
    "Moved",
    "SoldOut",
    "Source",
    "Terms",
    "accept",
    "append",
    "approve",
    "claim",
    "close_alarm",
    "close_interactions",
    "confirm",
    "create_key",
    "decline",
    "devices_digest",
    "expire",
    "expire_acceptance",
    "keep_case",
    "mark_delivered",
    "open_interaction",
    "post",
    "promise",
    "propose",
    "raise_alarm",
    "release_promises",
    "revoke_key",
    "save_contracts",
    "save_reply",
    "save_rulebook",
    "settle_promise",
    "show",
    "start_chain",
    "take_back",
    "try_later",
    "withdraw",
    "withdraw_by_customer",
]
