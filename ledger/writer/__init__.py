"""The only modules that write to the store. Each function writes in the caller's transaction, with the event of it."""

from ledger.writer.acceptances import SoldOut, Terms, accept, confirm, save_reply, withdraw_acceptance
from ledger.writer.alarms import close_alarm, raise_alarm
from ledger.writer.files import Source, create_key, devices_digest, revoke_key, save_contracts, save_rulebook
from ledger.writer.journal import append, start_chain
from ledger.writer.outbox import mark_delivered, post, try_later
from ledger.writer.promises import promise, settle_promise
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
    "Contact",
    "Moved",
    "SoldOut",
    "Source",
    "Terms",
    "accept",
    "append",
    "close_alarm",
    "close_interactions",
    "confirm",
    "create_key",
    "decline",
    "devices_digest",
    "expire",
    "keep_case",
    "mark_delivered",
    "open_interaction",
    "post",
    "promise",
    "propose",
    "raise_alarm",
    "revoke_key",
    "save_contracts",
    "save_reply",
    "save_rulebook",
    "settle_promise",
    "show",
    "start_chain",
    "try_later",
    "withdraw",
    "withdraw_acceptance",
]
