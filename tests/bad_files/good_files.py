"""One good file for each door that reads files, and a copy of them in a folder to be spoilt."""

import shutil
from pathlib import Path

ROOT = Path(__file__).parents[2]

MAPPING = """format = 1
name = "small"

[facts]
contract_id = "id"
price_cents = { column = "price", unit = "EUR incl. VAT" }
customer_since = "since"

[assumptions]
cost_to_serve_cents = { value = 400, because = "not on file" }

[derived]
months = { months_between = ["since", "@as_of"] }

[features]
numeric = ["price", "usage", "months"]
categorical = ["plan"]

[label]
column = "left"
left = ["yes"]
stayed = ["no"]
window_months = 6
"""
SNAPSHOTS = """
[snapshots]
begin = "since"
end = "until"
dates = [2019-01-01]
horizon_months = 1
"""
MAPPING_OF_SNAPSHOTS = MAPPING.split("\n[label]")[0] + SNAPSHOTS
CONTACTS = """
[contacts]
design = "randomised"
date = "drawn"
probability = "chance"
group = { column = "drawn into", control = ["held back"], called = ["called"], offered = ["offered"] }
reaction = { column = "said", accepted = ["taken"], declined = ["refused"] }
left = { column = "gone", yes = ["gone"], no = ["here"], window_months = 12 }

[contacts.terms]
device = "phone"
top_up_cents = { column = "top", unit = "EUR incl. VAT" }
commitment_months = "bound"
discount_cents = { column = "off", unit = "EUR incl. VAT" }
extras = "gifts"
"""
MAPPING_OF_CONTACTS = MAPPING + CONTACTS
MAPPINGS = (MAPPING, MAPPING_OF_SNAPSHOTS, MAPPING_OF_CONTACTS)
DATA = "id,price,since,usage,plan,left\nA1,17.90,2016-11-05,3.5,x,yes\nA2,9.99,2019-01-31,7,y,no\n"


def copied_rulebook(folder: Path) -> Path:
    """A copy of the shipped rulebook in a folder."""
    return Path(shutil.copytree(ROOT / "rulebook", folder / "rulebook"))


def spoil(path: Path, old: str, new: str) -> int:
    """Replaces the first `old` in a file; the line where it stood."""
    text = path.read_text("utf-8")
    assert old in text, f"{path.name} does not hold {old!r}"
    path.write_text(text.replace(old, new, 1), encoding="utf-8", newline="")
    return text[: text.index(old)].count("\n") + 1
