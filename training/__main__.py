"""`python -m training VERB ...`: the verbs of a model's life, the same as those of `counteroffer`."""

import sys
from importlib import import_module

if __name__ == "__main__":
    # an entry point, not a part of this package: it stands above the command line, and so names it only when it runs
    import_module("commands.main").main(sys.argv[1:])
