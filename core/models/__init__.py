"""Models as files: the table of what there is, a hub's way of serving them, downloads that resume. `core/weights.py` puts them in place."""
