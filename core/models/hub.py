"""The two requests of the Hugging Face hub's HTTP API that a download needs: what a revision holds, and a file from an offset on.

huggingface_hub (read at 2.4) deletes partial files when interrupted and never compares checksums, so `models/download.py` does both on top of this.
A new way for a server to refuse gets a branch in `_refused`.
"""

from __future__ import annotations

import http.client
import json
import os
import re
import ssl
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from email.message import Message
from typing import IO, Any

from ..errors import SetupError

DEFAULT_ENDPOINT = "https://huggingface.co"


class Unreachable(Exception):  # noqa: N818 - told apart from the errors users see
    """A fault that may pass: no connection, a connection cut, a timeout, a busy server. `timed_out` tells the slow from the absent."""

    def __init__(self, reason: object, *, timed_out: bool = False, wait_s: float | None = None) -> None:
        super().__init__(str(reason))
        self.timed_out = timed_out
        self.wait_s = wait_s


@dataclass(frozen=True, slots=True)
class HubFile:
    """A file of a revision: `sha256` for large files (LFS), else `git_sha1`, the SHA-1 of git's blob ('blob <bytes>\\0' + content)."""

    path: str
    size_bytes: int
    sha256: str | None
    git_sha1: str | None


@dataclass(frozen=True, slots=True)
class Revision:
    """A repository at one commit."""

    repo: str
    commit: str
    files: tuple[HubFile, ...]


@dataclass(frozen=True, slots=True)
class HubOptions:
    """Where to ask and how. `timeout_s` bounds each wait for bytes, and so how late a cancel can come; not the whole download."""

    endpoint: str = DEFAULT_ENDPOINT
    token: str | None = None
    timeout_s: float = 10.0

    @classmethod
    def from_environment(cls, mirror: str | None = None) -> HubOptions:
        """`mirror`, else HF_ENDPOINT, else the hub itself; the login token from HF_TOKEN."""
        endpoint = mirror or os.environ.get("HF_ENDPOINT") or DEFAULT_ENDPOINT
        return cls(endpoint.rstrip("/"), os.environ.get("HF_TOKEN") or None)


class _KeepTokenAtHome(urllib.request.HTTPRedirectHandler):
    """Follows redirects without handing the login token to another server: large files come from a storage host."""

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: http.client.HTTPMessage, newurl: str
    ) -> urllib.request.Request | None:
        new = super().redirect_request(req, fp, code, msg, headers, newurl)
        if new is not None and _origin(new.full_url) != _origin(req.full_url):
            new.remove_header("Authorization")
        return new


def _origin(url: str) -> tuple[str, str]:
    parts = urllib.parse.urlsplit(url)
    return parts.scheme, parts.netloc


def _opener() -> urllib.request.OpenerDirector:
    # A python.org build on a Mac has no certificates of its own; truststore asks the system's keychain, company roots included.
    import truststore

    context = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    return urllib.request.build_opener(urllib.request.HTTPSHandler(context=context), _KeepTokenAtHome())


class Hub:
    """A hub or a mirror of it. Not thread-safe; make one for each download."""

    def __init__(self, options: HubOptions) -> None:
        self.options = options
        self._opener = _opener()

    def revision(self, repo: str, revision: str) -> Revision:
        """List a revision's files with sizes and checksums.

        Raises Unreachable, and SetupError `weights.not_on_hub`, `weights.gated`, `weights.denied` or `weights.hub_answer`.
        """
        url = f"{self.options.endpoint}/api/models/{repo}/revision/{urllib.parse.quote(revision, safe='')}?blobs=true"
        with self.get(url, repo) as response:
            try:
                answer = json.loads(response.read())
                return Revision(repo, answer["sha"], tuple(_file(sibling) for sibling in answer["siblings"]))
            except (ValueError, KeyError, TypeError) as error:
                raise SetupError("weights.hub_answer", host=self.host, repo=repo, detail=repr(error)) from error
            except (OSError, http.client.HTTPException) as error:
                raise _passing(error) from error

    def open(self, revision: Revision, file: HubFile, offset: int = 0) -> http.client.HTTPResponse:
        """A stream of `file` from byte `offset`; its `.status` is 200 instead of 206 where the server sends the whole file.

        Raises Unreachable and SetupError as `revision` does.
        """
        url = f"{self.options.endpoint}/{revision.repo}/resolve/{revision.commit}/{urllib.parse.quote(file.path)}"
        return self.get(url, revision.repo, {"Range": f"bytes={offset}-"} if offset else {})

    @property
    def host(self) -> str:
        """The server's name, for messages."""
        return urllib.parse.urlsplit(self.options.endpoint).netloc or self.options.endpoint

    def get(self, url: str, repo: str, headers: Mapping[str, str] | None = None) -> http.client.HTTPResponse:
        """Open `url`. Raises Unreachable for faults that may pass and SetupError for a refusal that names `repo`."""
        own = {"User-Agent": "canto-beats", "Accept-Encoding": "identity"}
        if self.options.token:
            own["Authorization"] = f"Bearer {self.options.token}"
        try:
            request = urllib.request.Request(url, headers={**own, **(headers or {})})
            response: http.client.HTTPResponse = self._opener.open(request, timeout=self.options.timeout_s)
            return response
        except urllib.error.HTTPError as error:
            raise self._refused(error, repo) from error
        except (OSError, http.client.HTTPException) as error:
            raise _passing(error) from error
        except ValueError as error:
            raise SetupError("weights.bad_mirror", url=self.options.endpoint, detail=repr(error)) from error

    def _refused(self, error: urllib.error.HTTPError, repo: str) -> Exception:
        reason = error.headers.get("X-Error-Code", "")
        error.close()
        if error.code in (408, 429) or error.code >= 500:
            return Unreachable(f"HTTP {error.code}", timed_out=error.code == 408, wait_s=_retry_after(error.headers))
        if reason == "GatedRepo":
            return SetupError("weights.gated", repo=repo, url=f"{DEFAULT_ENDPOINT}/{repo}", detail=f"HTTP {error.code}")
        if error.code == 404 or reason in ("RepoNotFound", "RevisionNotFound", "EntryNotFound"):
            return SetupError("weights.not_on_hub", repo=repo, host=self.host, detail=f"HTTP {error.code} {error.url}")
        if error.code in (401, 403):
            return SetupError("weights.denied", repo=repo, host=self.host, detail=f"HTTP {error.code}")
        return SetupError("weights.hub_answer", repo=repo, host=self.host, detail=f"HTTP {error.code} {error.url}")


def _passing(error: Exception) -> Unreachable:
    cause = error.reason if isinstance(error, urllib.error.URLError) else error
    return Unreachable(repr(cause), timed_out=isinstance(cause, TimeoutError))


def _retry_after(headers: Message) -> float | None:
    value = headers.get("Retry-After", "")
    return float(value) if re.fullmatch(r"\d+", value) else None


def _file(sibling: Mapping[str, Any]) -> HubFile:
    lfs = sibling.get("lfs") or {}
    size, sha256, blob = lfs.get("size", sibling.get("size")), lfs.get("sha256"), sibling.get("blobId")
    if not isinstance(size, int) or not (sha256 or blob):
        raise KeyError(f"no size or checksum for {sibling['rfilename']}")
    return HubFile(str(sibling["rfilename"]), size, sha256, None if sha256 else blob)
