"""A release on disk: what was signed here is loaded, everything else is refused and nothing of it runs."""

import io
import json
import os
import shutil
import stat
import subprocess
import sys
import threading
from pathlib import Path

import joblib
import numpy as np
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from engine.errors import Faults
from models import store
from models.keys import PRIVATE_NAME, PUBLIC_NAME, signing_key, verification_key
from models.store import (
    golden_rows,
    load_release,
    model_bytes,
    write_release,
)
from tests.models.learned import random_churn, random_customers

ROOT = Path(__file__).parents[2]
CHURN = random_churn(1, numeric=4, categorical=3)
CUSTOMERS = random_customers(CHURN, 300, 2, odd=(np.nan, 0.0, 1e308))
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = KEY.public_key()


def written(folder: Path, model: bytes = b"", key: Ed25519PrivateKey = KEY, **manifest: object) -> Path:
    files = {"model.joblib": model or model_bytes(CHURN), "card.json": b"{}", "card.html": b"<p>"}
    members = {"window_months": 6, "golden": golden_rows(CHURN, CUSTOMERS), **manifest}
    return write_release(folder, "test", files, members, key)


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written(tmp_path_factory.mktemp("releases"))


@pytest.fixture
def copy(sound: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(sound, tmp_path / "copy"))


def refusal(directory: Path) -> str:
    with pytest.raises(Faults) as caught:
        load_release(directory, PUBLIC)
    [fault] = caught.value.faults
    return fault.code


def test_a_release_comes_back_as_it_was_written(sound: Path) -> None:
    release = load_release(sound, PUBLIC)
    assert release.version == sound.name
    assert release.window_months == 6
    assert release.feature_names == CHURN.encoding.names
    assert release.churn.logit(CUSTOMERS).tobytes() == CHURN.logit(CUSTOMERS).tobytes()
    assert sorted(path.name for path in sound.iterdir()) == ["card.html", "card.json", "manifest.json", "model.joblib"]


def test_the_manifest_is_plain_json_with_the_digest_of_every_file(sound: Path) -> None:
    manifest = json.loads((sound / "manifest.json").read_text())
    assert set(manifest["files"]) == {"card.html", "card.json", "model.joblib"}
    assert len(manifest["golden"]) == 200


def test_three_hundred_flipped_bits_of_the_model_are_all_refused(copy: Path) -> None:
    sound, rng = (copy / "model.joblib").read_bytes(), np.random.default_rng(3)
    codes = set()
    for position in rng.choice(len(sound) * 8, 300, replace=False):
        broken = bytearray(sound)
        broken[position // 8] ^= 1 << (position % 8)
        (copy / "model.joblib").write_bytes(broken)
        codes.add(refusal(copy))
    assert codes == {"artefact-digest-mismatch"}


def test_every_flipped_byte_of_the_manifest_is_refused(copy: Path) -> None:
    sound = (copy / "manifest.json").read_bytes()
    for position in (*range(0, len(sound), 97), *range(len(sound) - 160, len(sound))):
        broken = bytearray(sound)
        broken[position] ^= 0x04
        (copy / "manifest.json").write_bytes(broken)
        assert refusal(copy) in {"artefact-unsigned", "artefact-wrong-key"}


def test_a_cut_model_is_refused(copy: Path) -> None:
    model = copy / "model.joblib"
    model.write_bytes(model.read_bytes()[:-1])
    assert refusal(copy) == "artefact-wrong-size"
    model.write_bytes(b"")
    assert refusal(copy) == "artefact-wrong-size"


def test_trailing_garbage_is_refused(copy: Path) -> None:
    with (copy / "model.joblib").open("ab") as file:
        file.write(b"\0")
    assert refusal(copy) == "artefact-wrong-size"


def test_a_cut_manifest_is_refused(copy: Path) -> None:
    manifest = copy / "manifest.json"
    for kept in (0, 10, 200, len(manifest.read_bytes()) - 1):
        manifest.write_bytes(manifest.read_bytes()[:kept])
        assert refusal(copy) == "artefact-unsigned"


def test_the_model_of_another_release_is_refused(copy: Path) -> None:
    other = bytearray(model_bytes(random_churn(9, numeric=4, categorical=3)))
    size = (copy / "model.joblib").stat().st_size
    (copy / "model.joblib").write_bytes((other + bytes(size))[:size])
    assert refusal(copy) == "artefact-digest-mismatch"


def test_a_changed_card_is_refused(copy: Path) -> None:
    (copy / "card.json").write_bytes(b"[]")
    assert refusal(copy) == "artefact-digest-mismatch"


def test_a_release_signed_with_another_key_is_refused(tmp_path: Path) -> None:
    assert refusal(written(tmp_path, key=Ed25519PrivateKey.generate())) == "artefact-wrong-key"


def test_an_unsigned_manifest_is_refused(copy: Path) -> None:
    manifest = json.loads((copy / "manifest.json").read_text())
    del manifest["signature"]
    (copy / "manifest.json").write_text(json.dumps(manifest))
    assert refusal(copy) == "artefact-unsigned"


@pytest.mark.parametrize("name", ["model.joblib", "manifest.json"])
def test_what_is_not_a_plain_file_is_refused(copy: Path, name: str) -> None:
    moved = copy.parent / "moved"
    (copy / name).rename(moved)
    (copy / name).symlink_to(moved)
    assert refusal(copy) == "artefact-not-a-file"
    (copy / name).unlink()
    os.mkfifo(copy / name)
    assert refusal(copy) == "artefact-not-a-file"
    (copy / name).unlink()
    (copy / name).mkdir()
    assert refusal(copy) == "artefact-not-a-file"
    (copy / name).rmdir()
    assert refusal(copy) == "artefact-missing"


def test_a_file_larger_than_any_release_is_refused_unread(copy: Path) -> None:
    os.truncate(copy / "manifest.json", store.LARGEST_BYTES + 1)
    assert refusal(copy) == "artefact-too-large"


def test_what_is_signed_but_no_model_is_refused(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    joblib.dump({"format": 1, "features": "none"}, buffer)
    assert refusal(written(tmp_path, buffer.getvalue())) == "artefact-wrong-schema"


def test_a_release_of_another_format_is_refused(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "FORMAT", 2)
    assert refusal(copy) == "artefact-wrong-format"


class Payload:
    """What runs when it is unpickled: it leaves a trace."""

    def __init__(self, trace: Path) -> None:
        self.trace = trace

    def __reduce__(self) -> tuple[object, ...]:
        return os.mkdir, (str(self.trace),)


def test_nothing_of_a_refused_model_runs(copy: Path) -> None:
    trace = copy.parent / "trace"
    buffer = io.BytesIO()
    joblib.dump(Payload(trace), buffer)
    size = (copy / "model.joblib").stat().st_size
    for content in (buffer.getvalue(), (buffer.getvalue() + bytes(size))[:size]):
        (copy / "model.joblib").write_bytes(content)
        refusal(copy)
    refusal(written(copy.parent / "strange", buffer.getvalue(), key=Ed25519PrivateKey.generate()))
    assert not trace.exists()


def test_a_release_whose_golden_rows_score_otherwise_is_refused(tmp_path: Path) -> None:
    golden = golden_rows(CHURN, CUSTOMERS)
    golden[17]["p_churn_micro"] += 1
    assert refusal(written(tmp_path, golden=golden)) == "artefact-golden-rows"


def test_the_same_release_is_written_once(tmp_path: Path) -> None:
    assert written(tmp_path) == written(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [written(tmp_path).name]


def test_writing_a_damaged_release_again_mends_it(tmp_path: Path) -> None:
    directory = written(tmp_path)
    (directory / "model.joblib").write_bytes(b"")
    written(tmp_path)
    assert load_release(directory, PUBLIC).version == directory.name


def test_a_sound_release_is_never_moved_and_only_what_is_damaged_is_written_again(tmp_path: Path) -> None:
    directory = written(tmp_path)
    (directory / "model.joblib").write_bytes(b"")
    before = {path.name: path.stat().st_ino for path in (directory, *directory.iterdir())}
    assert written(tmp_path) == directory
    after = {path.name: path.stat().st_ino for path in (directory, *directory.iterdir())}
    assert {name for name in before if before[name] != after[name]} == {"model.joblib"}
    assert [path.name for path in tmp_path.iterdir()] == [directory.name]


def test_while_a_release_is_written_again_and_again_it_loads_at_every_moment(tmp_path: Path) -> None:
    directory, stop = written(tmp_path), threading.Event()

    def write() -> None:
        while not stop.is_set():
            written(tmp_path)

    writer = threading.Thread(target=write)
    writer.start()
    versions = {load_release(directory, PUBLIC).version for _ in range(50)}
    stop.set()
    writer.join()
    assert versions == {directory.name}


def test_the_signing_key_is_for_its_owner_only_and_made_once(tmp_path: Path) -> None:
    first = signing_key(tmp_path / "keys").private_bytes_raw()
    assert signing_key(tmp_path / "keys").private_bytes_raw() == first
    assert stat.S_IMODE((tmp_path / "keys" / PRIVATE_NAME).stat().st_mode) == 0o600
    assert verification_key(tmp_path / "keys") == signing_key(tmp_path / "keys").public_key()


def test_processes_that_make_the_key_at_once_agree_on_one_pair(tmp_path: Path) -> None:
    program = "import sys, pathlib, models.keys as k; print(end='ready', flush=True); sys.stdin.read()\n"
    program += "print(k.signing_key(pathlib.Path(sys.argv[1])).private_bytes_raw().hex())"
    for attempt in range(3):
        folder = tmp_path / f"keys-{attempt}"
        command = [sys.executable, "-c", program, folder]
        pipe = subprocess.PIPE
        makers = [subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, cwd=ROOT) for _ in range(2)]
        assert [maker.stdout.read(5) for maker in makers if maker.stdout] == ["ready"] * 2
        for maker in makers:
            assert maker.stdin
            maker.stdin.close()
        keys = {maker.stdout.read().strip() for maker in makers if maker.stdout}
        assert [maker.wait() for maker in makers] == [0, 0]
        assert keys == {signing_key(folder).private_bytes_raw().hex()}
        assert verification_key(folder) == signing_key(folder).public_key()
        assert sorted(path.name for path in folder.iterdir()) == [PRIVATE_NAME, PUBLIC_NAME]


def test_a_public_key_that_is_lost_or_strange_is_made_again_from_the_private_one(tmp_path: Path) -> None:
    key = signing_key(tmp_path)
    for spoil in ((tmp_path / PUBLIC_NAME).unlink, lambda: (tmp_path / PUBLIC_NAME).write_bytes(bytes(32))):
        spoil()
        assert signing_key(tmp_path).private_bytes_raw() == key.private_bytes_raw()
        assert verification_key(tmp_path) == key.public_key()


def test_a_damaged_key_is_said_to_be_damaged(tmp_path: Path) -> None:
    signing_key(tmp_path)
    (tmp_path / PRIVATE_NAME).write_bytes(b"short")
    with pytest.raises(Faults, match="key-damaged"):
        signing_key(tmp_path)
