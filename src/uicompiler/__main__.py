"""`python -m uicompiler` is the command line."""

import sys

from uicompiler.cli import main

if __name__ == "__main__":
    sys.exit(main())
