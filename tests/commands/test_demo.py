"""`counteroffer demo` before it prepares anything; tests/fresh_clone runs all of it."""

import socket
import subprocess
import sys
from pathlib import Path

COUNTEROFFER = Path(sys.executable).with_name("counteroffer")


def test_a_taken_port_is_told_before_anything_is_prepared(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        done = subprocess.run(
            [COUNTEROFFER, "demo", "--port", port, "--home", tmp_path / "var"],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    assert done.returncode == 69
    assert done.stdout == ""
    assert done.stderr.startswith(f"error[port-taken] 127.0.0.1:{port}: ")
    assert done.stderr.count("\n") == 1
    assert not (tmp_path / "var").exists()
