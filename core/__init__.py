"""Canto-Beats engine: a timeline's Cantonese speech becomes timed subtitles.

Read `pipeline.py` first: it lists the stages in order. This file stays empty of imports so that `import core` costs nothing.
"""

__version__ = "0.1.0"
