"""Runs a command and says, as JSON, how long it took and the most memory it held; a small process of its own.

What a process counts as its peak begins with the memory of the process that started it, so a small one starts it.

    python -m benchmarks.measured COMMAND [ARGUMENT ...]
"""

import json
import os
import subprocess
import sys
import time


def main(command: list[str]) -> int:
    """Print {"said", "seconds", "peak_mib"} of one command and return its exit code."""
    began = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout is not None
        said = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.perf_counter() - began
    print(json.dumps({"said": said, "seconds": seconds, "peak_mib": usage.ru_maxrss / 1024}))
    return process.returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
