"""Roads that chance alone takes too seldom: every change of state is met in a hundred lives."""

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from tests.life.driver import WHOEVER_TALKS
from tests.life.machine import CHANNEL, LINE, SIDE, TOO_LATE, WISHES, Life


class Roads(Life):
    """Steps of `Life`, several in a row."""

    @rule(line=LINE, wish=st.sampled_from((None, *WISHES)))
    def call_and_hear_yes(self, line: str, wish: dict[str, Any] | None) -> None:
        who = self.whoever(WHOEVER_TALKS, line)
        self.ask_and_show(who, line, "phone_in", wish, 0)
        self.everything_is_true()
        self.meet(who, self.model.lines[line], "phone_out")
        if self.model.lines[line].live is not None:
            self.accept(who, line, "live", 0, None, None)

    @precondition(lambda self: self.standing("to_confirm"))
    @rule()
    def confirm_in_time(self) -> None:
        self.confirm(WHOEVER_TALKS, self.standing("to_confirm")[0], True, None)

    @precondition(lambda self: self.standing("to_confirm"))
    @rule(by=SIDE)
    def take_back_what_waits(self, by: str) -> None:
        self.withdraw_what_was_accepted(WHOEVER_TALKS, self.standing("to_confirm")[0], True, by, None)

    @precondition(lambda self: self.standing("accepted"))
    @rule()
    def change_their_mind(self) -> None:
        self.withdraw_what_was_accepted(WHOEVER_TALKS, self.standing("accepted")[0], True, "customer", None)

    @precondition(lambda self: self.standing("to_confirm"))
    @rule(swept=st.booleans())
    def confirm_too_late(self, swept: bool) -> None:
        self.time_passes(TOO_LATE, swept)

    @rule(line=LINE, channel=CHANNEL, wish=st.sampled_from((None, *WISHES)), swept=st.booleans())
    def show_and_hear_nothing(self, line: str, channel: str, wish: dict[str, Any] | None, swept: bool) -> None:
        self.ask_and_show(WHOEVER_TALKS, line, channel, wish, 0)
        self.everything_is_true()
        self.time_passes(TOO_LATE, swept)
