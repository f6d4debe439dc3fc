"""The review of a release: written when it is trained, beside the releases, signed with their key."""

from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from engine.errors import Fault, Faults
from models.files import read_regular, replace_durably
from models.keys import verification_key
from models.manifest import sign_manifest, verify_manifest
from models.store import Release
from training.drift import drifts, profile_of
from training.governance.challenge import calibrations, compare, errors_by_group, judge
from training.governance.gates import read_limits
from training.release import Trained
from training.rows import Rows

FOLDER, KIND, FORMAT = "reviews", "review", 1
LARGEST_BYTES = 16 * 1024 * 1024


def make_review(rows: Rows, trained: Trained, champion: Release | None, left_out: int) -> dict[str, Any]:
    """What a release is beside the one that serves, JSON-ready; `left_out` rows could not be learned from."""
    judged = judge(rows, trained, champion)
    days = None if rows.dates is None else rows.dates[judged.row]
    return {
        "kind": KIND,
        "format": FORMAT,
        "challenger": trained.directory.name,
        "champion": champion.version if champion else None,
        "rows": len(rows),
        "rows_left_out": left_out,
        "judged": {
            "rows": len(judged.row),
            "leavers": int(judged.left.sum()),
            "first_day": None if days is None else str(days.min()),
            "last_day": None if days is None else str(days.max()),
            "seen_by_champion": judged.champion is not None and judged.seen,
        },
        "figures": compare(judged),
        "calibration": calibrations(judged),
        "groups": errors_by_group(rows, judged, int(read_limits()["fairness"]["fewest_customers"])),
        "drift": _drift_since(champion, rows),
    }


def write_review(releases: Path, review: dict[str, Any], key: Ed25519PrivateKey) -> Path:
    """Write a review, in place of an older one of the same release. Raises OSError."""
    path = releases / FOLDER / f"{review['challenger']}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    replace_durably(path, sign_manifest(review, key))
    return path


def read_review(releases: Path, version: str, keys: Path) -> dict[str, Any]:
    """The review of a release. Raises Faults where there is none, or not of this release."""
    path = releases / FOLDER / f"{version}.json"
    fix = "train it again: counteroffer train writes the review"
    if not path.exists():
        raise Faults([Fault("no-input", str(path), "this release has no review", fix=fix)])
    review = verify_manifest(read_regular(path, LARGEST_BYTES), verification_key(keys), str(path))
    if (review.get("kind"), review.get("format"), review.get("challenger")) != (KIND, FORMAT, version):
        raise Faults([Fault("review-wrong", str(path), "not the review of this release", fix=fix)])
    return review


def _drift_since(champion: Release | None, rows: Rows) -> list[dict[str, Any]]:
    """How far the rows are from those the champion learned from; nothing where it does not say, or reads others."""
    profile = champion.manifest.get("profile") if champion else None
    if champion is None or profile is None or not set(champion.feature_names) <= set(rows.columns):
        return []
    encoding = champion.churn.encoding
    return [vars(drift) for drift in drifts(encoding, profile, profile_of(encoding, rows.columns))]
