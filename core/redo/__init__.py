"""A part of a finished job done again: `span.py` says which cues give way, `splice.py` puts the new ones in, `run.py` is the main path."""
