"""`python -m core` is the command `canto-beats`."""

from .cli import main

if __name__ == "__main__":
    main(prog_name="canto-beats")
