"""`python -m supra_console`: the same as the command `supra-console`."""

import sys

from supra_console.cli import main

if __name__ == "__main__":
    sys.exit(main())
