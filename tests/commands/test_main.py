"""The real entry point, run as a person or a script runs it."""

import errno
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import click
import pytest

from commands import main
from engine.errors import Fault, Faults

COUNTEROFFER = Path(sys.executable).with_name("counteroffer")


def call(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([COUNTEROFFER, *arguments], capture_output=True, text=True, timeout=60, check=False)


def leave(monkeypatch: pytest.MonkeyPatch, failure: Callable[[], None], *flags: str) -> int:
    """The exit code of a verb whose body is `failure`."""
    verb = click.Command("fails", callback=lambda json: failure(), params=[click.Option(["--json"], is_flag=True)])
    monkeypatch.setattr(main.Verbs, "get_command", lambda self, context, name: verb)
    with pytest.raises(SystemExit) as left:
        main.main(["fails", *flags])
    return int(str(left.value.code))


def raiser(error: BaseException) -> Callable[[], None]:
    def fail() -> None:
        raise error

    return fail


def test_without_arguments_it_lists_every_verb() -> None:
    done = call()
    assert done.returncode == 0
    for verb in ("demo", "simulate", "import", "train", "score", "serve", "replay", "keys"):
        assert f"\n  {verb} " in done.stdout


def test_the_list_of_verbs_imports_none_of_their_libraries() -> None:
    code = (
        "import sys; from commands import main\n"
        "try: main.main(['--help'])\n"
        "except SystemExit: print(sorted({'numpy', 'sklearn', 'polars', 'flask'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.endswith("[]\n")


@pytest.mark.parametrize("arguments", [["no-such-verb"], ["--no-such-option"], ["import", "--no-such-option"]])
def test_a_wrong_call_is_one_line_and_exit_64(arguments: list[str]) -> None:
    done = call(*arguments)
    assert done.returncode == 64
    assert done.stdout == ""
    assert done.stderr.startswith("error[usage] counteroffer")
    assert done.stderr.count("\n") == 1


def test_a_wrong_call_with_json_is_one_json_line() -> None:
    done = call("no-such-verb", "--json")
    assert done.returncode == 64
    assert json.loads(done.stderr)["code"] == "usage"


def test_every_fault_is_told_on_its_own_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    faults = Faults(
        [Fault("wrong-type", "a.toml:1", "is text", "a number"), Fault("missing-field", "a.toml:2", "gone")]
    )
    assert leave(monkeypatch, raiser(faults)) == 65
    assert capsys.readouterr().err == (
        "error[wrong-type] a.toml:1: is text; expected a number\nerror[missing-field] a.toml:2: gone\n"
    )


def test_faults_with_json_are_json_lines(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    faults = Faults([Fault("wrong-type", "/a", "is text"), Fault("missing-field", "/é", "gone")])
    assert leave(monkeypatch, raiser(faults), "--json") == 65
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert [(line["code"], line["where"]) for line in lines] == [("wrong-type", "/a"), ("missing-field", "/é")]


@pytest.mark.parametrize(
    ("number", "exit_code"),
    [
        (errno.ENOENT, 66),
        (errno.EISDIR, 66),
        (errno.ENOTDIR, 66),
        (errno.EEXIST, 73),
        (errno.ENOSPC, 73),
        (errno.EROFS, 73),
        (errno.EIO, 74),
        (errno.EACCES, 77),
        (errno.EPERM, 77),
    ],
)
def test_what_the_system_refuses_names_the_file_and_has_its_exit_code(
    number: int, exit_code: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert leave(monkeypatch, raiser(OSError(number, "refused", "some.csv"))) == exit_code
    assert capsys.readouterr().err == "error[system] some.csv: refused\n"


def test_ctrl_c_leaves_with_130_and_says_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert leave(monkeypatch, raiser(KeyboardInterrupt())) == 130
    assert capsys.readouterr().err.strip() == ""


def test_a_reader_that_stops_reading_gets_no_traceback() -> None:
    with subprocess.Popen([COUNTEROFFER, "--help"], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running:
        assert running.stdout
        assert running.stderr
        running.stdout.close()
        assert b"Traceback" not in running.stderr.read()
