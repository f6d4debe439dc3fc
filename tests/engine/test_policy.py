"""The numbers of policy.toml as decisions read them."""

from tests.engine.questions import TODAY, shipped


def test_a_share_is_counted_in_millionths_whatever_digits_a_file_gives() -> None:
    book = shipped(policy=("value = 0.10 }", "value = 0.1000004 }"))
    assert book.as_of(TODAY).policy["floor_share"] == 0.1
    assert book.as_of(TODAY).policy.micro("floor_share") == 100_000
