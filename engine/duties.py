"""What the law wants said to a customer in this contact, whatever is offered: no step of ours stands in its way."""

from collections.abc import Mapping

from engine.question import Question

DUTIES: Mapping[str, tuple[str, ...]] = {
    "FR-RIO": ("port_requested", "wants_to_leave"),
    "FR-ONLINE": ("wants_to_leave",),
}
"""The reasons for a contact in which a rule wants something said."""


def duties(question: Question, row: int) -> list[str]:
    """The rules in force that want something said to one customer, in their order."""
    reason, lines = question.facts["reason_for_contact"][row], question.in_force.law.lines
    return [rule for rule, reasons in DUTIES.items() if reason in reasons and rule in lines]
