"""The numbers of policy.toml as decisions read them."""

from tests.engine.questions import TODAY, shipped


def test_a_share_is_counted_in_millionths_whatever_digits_a_file_gives() -> None:
    book = shipped(policy=("value = 0.08 }", "value = 0.0800004 }"))
    assert book.as_of(TODAY).policy["yearly_discount_share"] == 0.08
    assert book.as_of(TODAY).policy.micro("yearly_discount_share") == 80_000
