"""`canto-beats selftest`: every operation of the plugin and every open question about Resolve, tried on a real one and written down.

`run.py` is the main path and lists the probes; a probe is a small function (desk) -> data in one of the topic files. Nothing here claims a
result: what Resolve answered, exceptions included, is the result. Standard library and Python 3.9 syntax only, so that a free edition,
which cannot be driven from outside, can run it from its own console.

`machine.py` is the other half, which needs the engine and no Resolve: encoders, pictures, sound and computing on this very machine, judged.
"""
