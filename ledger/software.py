"""What decided, beneath its version: the digest of our source text, and the Python and libraries it ran on."""

import hashlib
import platform
from functools import cache
from importlib.metadata import version
from pathlib import Path

FOLDERS = ("engine", "models")
LIBRARIES = ("numpy", "orjson")
_ROOT = Path(__file__).parents[1]


@cache
def software() -> dict[str, str]:
    """`code`, the SHA-256 over every module that scores or decides, and the version of `python` and each library."""
    digest = hashlib.sha256()
    for path in sorted(path for folder in FOLDERS for path in (_ROOT / folder).rglob("*.py")):
        digest.update(b"\0".join((path.relative_to(_ROOT).as_posix().encode(), path.read_bytes(), b"")))
    libraries = {name: version(name) for name in LIBRARIES}
    return {"code": digest.hexdigest(), "python": platform.python_version(), **libraries}
