"""`python -m core.setup check` or `uninstall`: the installer from the installed engine, once the downloaded folder is gone."""

from __future__ import annotations

import sys

from .commands import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
