"""The practice model and the sample timeline, with the scripts that made both.

For trying the plugin out and for tests, never for footage. To add a script: give it a module here with its one command in the docstring.
"""
