"""The Resolve side of Canto-Beats: standard library only, Python 3.9 syntax, nothing shared with the engine but recorded transcripts.

Reading order: `session.py` (main path), `resolve_api.py` (every call to Resolve), `track_writer.py`, `engine.py`.
"""

__version__ = "0.1.0"
