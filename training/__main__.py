"""`python -m training`: the same as `counteroffer train`."""

import sys
from importlib import import_module

if __name__ == "__main__":
    # an entry point, not a part of this package: it stands above the command line, and so names it only when it runs
    import_module("commands.main").main(["train", *sys.argv[1:]])
