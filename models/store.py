"""Releases on disk: written whole or not at all, and verified byte for byte before anything in them is loaded.

The only place that loads a joblib file, and only from bytes whose signature and SHA-256 have just been checked.
"""

import dataclasses
import errno
import io
import json
import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import joblib
import numpy as np
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from engine.errors import Fault, Faults
from engine.tables import MICRO
from models.churn import FORMAT, Churn, WrongSchema, from_arrays, to_arrays
from models.features import columns_of_records
from models.files import read_regular, refused, sync_directory, write_durably
from models.manifest import digest, sign_manifest, verify_manifest
from models.response import LearnedResponse
from models.response import from_arrays as response_from_arrays
from models.response import to_arrays as response_to_arrays

MODEL, RESPONSE, MANIFEST, CARD_DATA, CARD_PAGE = (
    "model.joblib",
    "response.joblib",
    "manifest.json",
    "card.json",
    "card.html",
)
VERSION_PATTERN = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
LARGEST_BYTES = 256 * 1024 * 1024
COMPRESSION = ("zlib", 3)
THERE_ALREADY = (errno.EEXIST, errno.ENOTEMPTY)


@dataclass(frozen=True)
class Release:
    """A verified release: its version, the window of its chances in months (-1 unknown), its model and its manifest."""

    version: str
    window_months: int
    churn: Churn
    manifest: Mapping[str, Any]
    response: LearnedResponse | None = None

    @property
    def feature_names(self) -> tuple[str, ...]:
        return self.churn.encoding.names


def model_bytes(churn: Churn) -> bytes:
    """The artefact: the same bytes for the same model, in every process."""
    return _artefact(to_arrays(churn))


def response_bytes(learned: LearnedResponse) -> bytes:
    """The artefact of a learned response: the same bytes for the same model, in every process."""
    return _artefact(response_to_arrays(learned))


def _artefact(arrays: Mapping[str, Any]) -> bytes:
    buffer = io.BytesIO()
    joblib.dump(arrays, buffer, compress=COMPRESSION)
    return buffer.getvalue()


def write_release(
    releases: Path, name: str, files: Mapping[str, bytes], manifest: Mapping[str, Any], key: Ed25519PrivateKey
) -> Path:
    """Write `releases/<version>` and return it; the version is `name` and a digest of the content.

    `files` holds model.joblib, card.json and card.html. A crash leaves the whole release or none. The same release is
    written once; where a file of it was damaged since, that file alone is replaced.
    """
    listed = {file: {"sha256": digest(content), "bytes": len(content)} for file, content in sorted(files.items())}
    members = {**manifest, "format": FORMAT, "files": listed}
    version = f"{name}-{digest(json.dumps(members, sort_keys=True).encode())[:12]}"
    if not VERSION_PATTERN.fullmatch(version):
        expected = "at most 51 of a-z, 0-9 and '-'"
        raise Faults([Fault("release-name", name, "cannot name a release", expected, "rename it")])
    target, building = releases / version, releases / f".building-{version}-{secrets.token_hex(4)}"
    building.mkdir(parents=True)
    signed = sign_manifest({**members, "version": version}, key)
    for file, content in {**files, MANIFEST: signed}.items():
        write_durably(building / file, content)
    sync_directory(building)
    try:
        os.rename(building, target)
    except OSError as error:
        if error.errno not in THERE_ALREADY:
            raise
        _mend(target, building)
    sync_directory(releases)
    return target


def load_release(directory: Path, public_key: Ed25519PublicKey) -> Release:
    """The release in `directory`, or Faults that say why it is refused; nothing of a refused release is executed."""
    manifest = verify_manifest(read_regular(directory / MANIFEST, LARGEST_BYTES), public_key, str(directory / MANIFEST))
    if manifest.get("format") != FORMAT:
        what = f"format {manifest.get('format')}"
        raise Faults([refused("artefact-wrong-format", directory / MANIFEST, what, f"format {FORMAT}")])
    contents = {file: _read_listed(directory / file, listed) for file, listed in manifest["files"].items()}
    try:
        churn = from_arrays(_loaded(contents[MODEL]))
        learned = response_from_arrays(_loaded(contents[RESPONSE])) if RESPONSE in contents else None
    except WrongSchema as error:
        raise Faults([refused("artefact-wrong-schema", directory, str(error), "models of this format")]) from None
    _check_golden_rows(churn, manifest["golden"], directory)
    if learned is not None:
        _check_golden_responses(learned, manifest, directory)
    return Release(manifest["version"], manifest["window_months"], churn, manifest, learned)


def _loaded(content: bytes) -> object:
    return joblib.load(io.BytesIO(content))


def golden_rows(churn: Churn, columns: Mapping[str, Any], most: int = 200) -> list[dict[str, Any]]:
    """Up to `most` rows with the chance they must get after every load, in 1e-6; NaN is written as null."""
    expected = _micro(churn, columns)[:most]
    names = churn.encoding.names
    values = [[None if value != value else value for value in columns[name][:most].tolist()] for name in names]
    return [
        {"features": dict(zip(names, row, strict=True)), "p_churn_micro": micro}
        for *row, micro in zip(*values, expected, strict=True)
    ]


def _micro(churn: Churn, columns: Mapping[str, Any]) -> list[int]:
    return [int(p) for p in np.rint(churn.probability(columns) * MICRO)]


def _check_golden_rows(churn: Churn, golden: list[dict[str, Any]], directory: Path) -> None:
    columns = columns_of_records((row["features"] for row in golden), churn.encoding)
    if golden and _micro(churn, columns) != [row["p_churn_micro"] for row in golden]:
        what = "the rows kept with the release do not score as they did"
        raise Faults([refused("artefact-golden-rows", directory / MODEL, what, "the chances of the manifest")])


def golden_responses(learned: LearnedResponse, golden: list[dict[str, Any]]) -> str:
    """SHA-256 of the responses that the golden rows must get after every load."""
    columns = columns_of_records((row["features"] for row in golden), learned.encoding)
    told = [dataclasses.asdict(response) for response in learned.responses(columns)]
    return digest(json.dumps(told, sort_keys=True).encode())


def _check_golden_responses(learned: LearnedResponse, manifest: Mapping[str, Any], directory: Path) -> None:
    if golden_responses(learned, manifest["golden"]) != manifest["golden_responses_sha256"]:
        what = "the rows kept with the release do not react as they did"
        raise Faults([refused("artefact-golden-rows", directory / RESPONSE, what, "the responses of the manifest")])


def _read_listed(path: Path, listed: Mapping[str, Any]) -> bytes:
    content = read_regular(path, LARGEST_BYTES)
    if len(content) != listed["bytes"]:
        what = f"{len(content)} bytes"
        raise Faults([refused("artefact-wrong-size", path, what, f"the {listed['bytes']} bytes of the manifest")])
    if digest(content) != listed["sha256"]:
        raise Faults([refused("artefact-digest-mismatch", path, "its SHA-256 differs", "the SHA-256 of the manifest")])
    return content


def _mend(target: Path, building: Path) -> None:
    """The version names the content, so what differs is damaged; nothing sound is moved or ever missing."""
    for file in building.iterdir():
        if _holds(target / file.name, file.read_bytes()):
            file.unlink()
        else:
            os.replace(file, target / file.name)
    building.rmdir()
    sync_directory(target)


def _holds(path: Path, content: bytes) -> bool:
    try:
        return read_regular(path, LARGEST_BYTES) == content
    except Faults:
        return False
