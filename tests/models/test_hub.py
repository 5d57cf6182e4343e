"""The hub client against a server on this machine: what it asks, what it follows, and what each refusal becomes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from core.errors import SetupError
from core.models.files import needed_files
from core.models.hub import Hub, HubFile, HubOptions, Revision, Unreachable
from fakes.hub_server import COMMIT, FakeHub, Fault, running_hub


@pytest.fixture
def server() -> Iterator[FakeHub]:
    with running_hub() as hub:
        hub.repos["who/what"] = {"config.json": b"{}", "model.safetensors": b"w" * 5000}
        yield hub


def _hub(server: FakeHub, token: str | None = None) -> Hub:
    return Hub(HubOptions(server.url, token, timeout_s=0.3))


def test_revision_lists_files_with_sizes_and_checksums(server: FakeHub) -> None:
    found = _hub(server).revision("who/what", "main")
    assert found.commit == COMMIT
    config, weights = found.files
    # from git hash-object and sha256sum
    assert config == HubFile("config.json", 2, None, "9e26dfeeb6e641a33dae4961196235bdb965b21b")
    assert (weights.size_bytes, weights.git_sha1) == (5000, None)
    assert weights.sha256 == "4d3ce487907df7c82875b924d841f0a3d576492e4d589b734abbd71d966151a8"
    assert server.requests[0].path == "/api/models/who/what/revision/main"


def test_open_starts_at_the_offset(server: FakeHub) -> None:
    hub = _hub(server)
    revision = hub.revision("who/what", "main")
    with hub.open(revision, revision.files[1], 4990) as response:
        assert (response.status, response.read()) == (206, b"w" * 10)
    assert server.requests[-1].path == f"/who/what/resolve/{COMMIT}/model.safetensors"
    assert server.requests[-1].range == "bytes=4990-"


def test_the_token_goes_to_the_hub_but_not_to_where_it_redirects(server: FakeHub) -> None:
    with running_hub() as storage:
        storage.repos = server.repos
        server.redirect_to = storage.url
        hub = _hub(server, "hf_secret")
        revision = hub.revision("who/what", "main")
        with hub.open(revision, revision.files[0]) as response:
            assert response.read() == b"{}"
        assert [request.token for request in server.requests] == ["Bearer hf_secret"] * 2
        assert [request.token for request in storage.requests] == [None]


@pytest.mark.parametrize(
    ("status", "error_code", "code"),
    [
        (401, "GatedRepo", "weights.gated"),
        (403, "GatedRepo", "weights.gated"),
        (401, "RepoNotFound", "weights.not_on_hub"),
        (404, "RevisionNotFound", "weights.not_on_hub"),
        (404, "", "weights.not_on_hub"),
        (401, "", "weights.denied"),
        (403, "", "weights.denied"),
        (400, "", "weights.hub_answer"),
    ],
)
def test_a_refusal_becomes_the_error_that_names_its_fix(server: FakeHub, status: int, error_code: str, code: str) -> None:
    server.api_fault = Fault(status=status, error_code=error_code)
    with pytest.raises(SetupError) as caught:
        _hub(server).revision("who/what", "main")
    assert caught.value.code == code
    assert "who/what" in caught.value.message()


@pytest.mark.parametrize(("status", "retry_after", "wait_s"), [(429, "7", 7.0), (503, "", None), (500, "soon", None)])
def test_a_busy_server_is_a_passing_fault(server: FakeHub, status: int, retry_after: str, wait_s: float | None) -> None:
    server.api_fault = Fault(status=status, retry_after=retry_after)
    with pytest.raises(Unreachable) as caught:
        _hub(server).revision("who/what", "main")
    assert (caught.value.wait_s, caught.value.timed_out) == (wait_s, False)


def test_nobody_there_is_a_passing_fault() -> None:
    with running_hub() as gone:
        url = gone.url
    with pytest.raises(Unreachable):
        Hub(HubOptions(url)).revision("who/what", "main")


@pytest.mark.parametrize("answer", [{}, {"sha": COMMIT, "siblings": [{"rfilename": "config.json"}]}, []])
def test_an_answer_without_sizes_or_checksums_is_not_trusted(server: FakeHub, answer: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(FakeHub, "listing", lambda self, repo: answer)
    with pytest.raises(SetupError) as caught:
        _hub(server).revision("who/what", "main")
    assert caught.value.code == "weights.hub_answer"


def test_a_mirror_that_is_no_address_says_so() -> None:
    with pytest.raises(SetupError) as caught:
        Hub(HubOptions("not an address")).revision("who/what", "main")
    assert caught.value.code == "weights.bad_mirror"


def test_options_come_from_the_mirror_then_the_environment_then_the_hub(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HF_ENDPOINT", raising=False)
    monkeypatch.delenv("HF_TOKEN", raising=False)
    assert HubOptions.from_environment() == HubOptions("https://huggingface.co", None)
    monkeypatch.setenv("HF_ENDPOINT", "https://env.example/")
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    assert HubOptions.from_environment() == HubOptions("https://env.example", "hf_secret")
    assert HubOptions.from_environment("https://mirror.example").endpoint == "https://mirror.example"


def _names(layout: str, *paths: str) -> list[str]:
    files = tuple(HubFile(path, number, "0" * 64, None) for number, path in enumerate(paths))
    return [file.path for file in needed_files(Revision("who/what", COMMIT, files), layout)]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("layout", "there", "taken"),
    [
        # openai/whisper-large-v3
        (
            "hf",
            ["config.json", "flax_model.msgpack", "model.fp32-00001-of-00002.safetensors", "model.fp32-00002-of-00002.safetensors",
             "model.safetensors", "model.safetensors.index.fp32.json", "pytorch_model.bin", "README.md", "vocab.json"],
            ["config.json", "model.safetensors", "vocab.json"],
        ),
        # a sharded language model
        (
            "hf",
            ["LICENSE", "config.json", "model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors", "model.safetensors.index.json",
             "tokenizer.json"],
            ["LICENSE", "config.json", "model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors", "model.safetensors.index.json",
             "tokenizer.json"],
        ),
        # alvanlii/whisper-small-cantonese: another engine's weights in a subfolder
        ("hf", ["cts/config.json", "cts/model.bin", "config.json", "model.safetensors", "runs/x"], ["config.json", "model.safetensors"]),
        # mlx-community/whisper-large-v3-mlx, once published with a whole Python environment
        ("mlx", [".gitattributes", "config.json", "lib/python3.11/site-packages/x.py", "weights.npz"], ["config.json", "weights.npz"]),
        # mlx-lm writes one file and an index
        ("mlx", ["config.json", "model.safetensors", "model.safetensors.index.json"],
         ["config.json", "model.safetensors", "model.safetensors.index.json"]),
        ("mlx", ["config.json", "weights.npz", "weights.safetensors"], ["config.json", "weights.safetensors"]),
    ],
)  # fmt: skip
def test_only_the_needed_files_are_taken(layout: str, there: list[str], taken: list[str]) -> None:
    assert sorted(_names(layout, *there)) == sorted(taken)


def test_a_file_name_can_not_leave_the_folder() -> None:
    assert _names("mlx", "weights.npz", "../config.json", "a\\config.json", "/config.json") == ["weights.npz"]


def test_a_repository_without_weights_says_so() -> None:
    with pytest.raises(SetupError) as caught:
        _names("hf", "config.json", "weights.npz", "pytorch_model.bin", "model.safetensors.index.json")
    assert caught.value.code == "weights.no_weights"
