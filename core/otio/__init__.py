"""An `.otio` file becomes a Timeline; the only room that imports opentimelineio to read an edit.

`read.py` walks the tracks; `media.py` finds the files, `effects.py` the level and speed, `values.py` makes numbers exact. Resolve's own
parts (`metadata.Resolve_OTIO`) are read as DaVinci Resolve 18.5 to 21 was seen to write them.
"""
