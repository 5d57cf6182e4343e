"""The verbs of `canto-beats`, a file each; `core/cli.py` gathers them.

To add one: a click command that parses, calls one function that returns data, and prints last; then its name in `core/cli.py`.
"""
