"""A server on this machine that speaks the part of the hub's HTTP API that downloads use, and misbehaves on request.

To add a fault: give `Fault` a field and act on it in `_Handler._send_file`.
"""

from __future__ import annotations

import hashlib
import json
import threading
import urllib.parse
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

COMMIT = "0123456789abcdef0123456789abcdef01234567"


@dataclass
class Fault:
    """What goes wrong with one file, for the next `times` requests of it."""

    times: int = 1
    cut_after: int | None = None
    flip: bool = False
    status: int | None = None
    error_code: str = ""
    retry_after: str = ""
    ignore_range: bool = False
    stall: bool = False


@dataclass
class Request:
    """One request that came in: `sent` counts the body's bytes."""

    path: str
    range: str | None
    token: str | None
    sent: int = 0


@dataclass
class FakeHub:
    """`repos` maps a repository to its files; files named in `lfs` get a SHA-256, the others git's blob SHA-1."""

    url: str = ""
    repos: dict[str, dict[str, bytes]] = field(default_factory=dict)
    lfs_from: int = 1000
    faults: dict[str, Fault] = field(default_factory=dict)
    api_fault: Fault | None = None
    requests: list[Request] = field(default_factory=list)
    redirect_to: str = ""
    hold: threading.Event = field(default_factory=threading.Event)
    reached: threading.Event = field(default_factory=threading.Event)

    def downloads(self, name: str) -> list[Request]:
        """Requests of one file, in order."""
        return [request for request in self.requests if request.path.endswith("/" + name)]

    def listing(self, repo: str) -> dict[str, object]:
        """The hub's answer about a revision."""
        return {"sha": COMMIT, "siblings": [self._sibling(name, data) for name, data in self.repos[repo].items()]}

    def _sibling(self, name: str, data: bytes) -> dict[str, object]:
        blob = hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()
        sibling: dict[str, object] = {"rfilename": name, "size": len(data), "blobId": blob}
        if len(data) >= self.lfs_from:
            sibling["lfs"] = {"sha256": hashlib.sha256(data).hexdigest(), "size": len(data), "pointerSize": 134}
        return sibling


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    hub: FakeHub

    def do_GET(self) -> None:
        path = urllib.parse.unquote(urllib.parse.urlsplit(self.path).path)
        request = Request(path, self.headers.get("Range"), self.headers.get("Authorization"))
        self.hub.requests.append(request)
        parts = path.strip("/").split("/")
        if parts[:2] == ["api", "models"]:
            self._send_listing("/".join(parts[2:4]))
        elif self.hub.redirect_to:
            self._answer(302, b"", Location=self.hub.redirect_to + self.path)
        else:
            self._send_file(request, "/".join(parts[:2]), "/".join(parts[4:]))

    def _send_listing(self, repo: str) -> None:
        fault = self.hub.api_fault
        if fault and fault.times:
            fault.times -= 1
            self._refuse(fault)
        elif repo not in self.hub.repos:
            self._answer(404, b"{}", **{"X-Error-Code": "RepoNotFound"})
        else:
            self._answer(200, json.dumps(self.hub.listing(repo)).encode())

    def _send_file(self, request: Request, repo: str, name: str) -> None:
        data = self.hub.repos[repo][name]
        fault = self.hub.faults.get(name)
        if fault is None or not fault.times:
            fault = Fault()
        else:
            fault.times -= 1
        if fault.status:
            self._refuse(fault)
            return
        start = int(request.range.removeprefix("bytes=").rstrip("-")) if request.range and not fault.ignore_range else 0
        body = bytes([data[start] ^ 1]) + data[start + 1 :] if fault.flip else data[start:]
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        body = body if fault.cut_after is None else body[: fault.cut_after]
        request.sent = len(body)  # noted first: the client may be done before the last byte is counted
        self._write(body, fault)

    def _write(self, body: bytes, fault: Fault) -> None:
        self.wfile.write(body)
        self.wfile.flush()
        if fault.stall:
            self.hub.reached.set()
            self.hub.hold.wait(20)
        if fault.cut_after is not None:
            self.close_connection = True

    def _refuse(self, fault: Fault) -> None:
        headers = {"X-Error-Code": fault.error_code, "Retry-After": fault.retry_after}
        self._answer(fault.status or 500, b"no", **{name: value for name, value in headers.items() if value})

    def _answer(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        pass


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hangs up is part of the tests."""


@contextmanager
def running_hub() -> Iterator[FakeHub]:
    """A FakeHub that answers on 127.0.0.1 until the block ends."""
    hub = FakeHub()
    server = _Server(("127.0.0.1", 0), type("Handler", (_Handler,), {"hub": hub}))
    hub.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield hub
    finally:
        hub.hold.set()
        server.shutdown()
        server.server_close()
        thread.join()
