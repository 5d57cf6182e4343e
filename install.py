"""Start here with any Python 3: `python3 install.py demo`, `test`, `check` or `uninstall`.

The work is done by `core/setup`, in the standard library alone. This file only has to be readable by old Pythons, so that they answer with a
sentence instead of a SyntaxError: keep it free of anything newer than Python 3.6. A new verb goes to `core/setup/commands.py`.
"""

import json
import os
import sys

OLDEST = (3, 9)


def _too_old() -> int:
    catalogue = os.path.join(os.path.dirname(os.path.abspath(__file__)), "core", "data", "messages", "install.json")
    with open(catalogue, encoding="utf-8") as file:
        entry = json.load(file)["install.started_by_old_python"]
    version = f"{sys.version_info[0]}.{sys.version_info[1]}"
    for language in ("en", "zh"):
        sys.stderr.write(entry[language].format(version=version) + " " + entry["hint_" + language] + "\n")
    return 3


def main() -> int:
    """Run the verb named on the command line; returns the exit code."""
    if sys.version_info < OLDEST:
        return _too_old()
    from core.setup.commands import main as run

    return run(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
