"""Setting the engine up: finding a Python, making `.venv`, installing the pins, saying what is missing.

Runs before anything is installed and under the user's own Python: standard library only, Python 3.9 syntax (`core/errors.py` and
`core/messages.py`, which it uses, keep to the same). `commands.py` is the main path; to add a verb, add a function to its table.
"""
