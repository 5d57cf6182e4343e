"""Reading pip's output: how far it is, and what its failure means for the user.

To recognise another failure, add its phrase to `_FAILURES` (the first that occurs wins) and a sentence to the catalogue.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

_WHEEL = re.compile(r"^\s*(?:Downloading|Using cached|Processing) (?:\S*/)?([A-Za-z0-9_.]+)-\d\S*\.whl(?: |$)")
_SOURCE = re.compile(r"^\s*(?:Downloading|Using cached|Processing) (?:\S*/)?([A-Za-z0-9_.-]+)-\d\S*\.(?:tar\.gz|zip)(?: |$)")
_COLLECTING = re.compile(r"^Collecting ([A-Za-z0-9_.-]+)")
_BYTES = re.compile(r"^Progress (\d+) of (\d+)$")
_INSTALLING = re.compile(r"^Installing collected packages: (.+)$")
_MEGABYTE = 1_000_000

_FAILURES = (
    ("install.no_space", r"No space left on device|\[Errno 28\]|not enough space on the disk"),
    ("install.no_certificate", r"CERTIFICATE_VERIFY_FAILED|SSLCertVerificationError|SSLError"),
    (
        "install.no_network",
        r"NewConnectionError|NameResolutionError|ConnectTimeoutError|ReadTimeoutError|ProxyError|ConnectionResetError|RemoteDisconnected"
        r"|Temporary failure in name resolution|nodename nor servname|Network is unreachable|Could not connect|IncompleteRead"
        r"|dns error|error sending request",
    ),
    ("install.no_permission", r"Permission denied|\[Errno 13\]|Read-only file system|Access is denied"),
    ("install.no_wheel", r"No matching distribution found for|Could not find a version that satisfies|is not a supported wheel"),
    ("install.conflict", r"ResolutionImpossible|conflicting dependencies"),
    ("install.no_build", r"subprocess-exited-with-error|Failed to build|Failed building wheel|metadata-generation-failed"),
    ("install.damaged_file", r"DO NOT MATCH THE HASHES|BadZipFile|is invalid\.|File is not a zip file"),
)


class PipOutput:
    """Where a `pip install --progress-bar raw` is, told line by line."""

    def __init__(self) -> None:
        self.found = 0  # packages whose file is here or on its way
        self.package = ""
        self.megabytes = (0, 0)  # of the file on its way: here, all
        self.installing = 0  # packages in the last step, 0 before it

    def feed(self, line: str) -> None:
        """Take in one line."""
        count = _BYTES.match(line)
        if count:
            self.megabytes = (int(count[1]) // _MEGABYTE, int(count[2]) // _MEGABYTE)
            return
        file = _WHEEL.match(line) or _SOURCE.match(line)
        if file:
            self.found += 1
        named = file or _COLLECTING.match(line)
        if named:
            self.package = named[1].replace("_", "-").lower()
            self.megabytes = (0, 0)
        step = _INSTALLING.match(line)
        if step:
            self.installing = len(step[1].split(", "))


def explain(lines: Sequence[str]) -> str:
    """Catalogue key of what the last lines of a failed pip or uv mean."""
    words = "\n".join(lines)
    return next((key for key, phrase in _FAILURES if re.search(phrase, words)), "install.failed")


def evidence(lines: Sequence[str]) -> str:
    """The lines worth showing of a failure: pip's own errors, else its last three."""
    errors = [line.strip() for line in lines if line.strip().startswith(("ERROR:", "error:", "OSError:"))]
    return "\n".join((errors or [line for line in lines if line.strip()])[-3:])
