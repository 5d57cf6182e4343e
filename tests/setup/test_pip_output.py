from __future__ import annotations

import pytest

from core.setup.pip_output import PipOutput, evidence, explain

_FETCHING = """\
Obtaining file:///Users/mei/canto-beats
Collecting click>=8.1 (from canto-beats-resolve==0.1.0)
  Downloading click-8.5.1-py3-none-any.whl.metadata (2.6 kB)
Processing ./wheels/av-18.1.0-cp311-abi3-macosx_14_0_arm64.whl (from canto-beats-resolve==0.1.0)
Collecting pysrt>=1.1.2 (from canto-beats-resolve==0.1.0)
  Using cached pysrt-1.1.2.tar.gz (104 kB)
Collecting torch>=2.13 (from canto-beats-resolve==0.1.0)
Downloading torch-2.13.0-cp311-none-macosx_14_0_arm64.whl (111.2 MB)
Progress 0 of 111213045
Progress 52428800 of 111213045
"""


def _fed(text: str) -> PipOutput:
    output = PipOutput()
    for line in text.splitlines():
        output.feed(line)
    return output


def test_files_on_their_way_are_counted_and_the_last_is_named() -> None:
    output = _fed(_FETCHING)
    assert (output.found, output.package, output.megabytes, output.installing) == (3, "torch", (52, 111), 0)


def test_the_last_step_says_how_many_packages_there_are() -> None:
    output = _fed(_FETCHING + "Installing collected packages: click, av, pysrt, torch\n")
    assert output.installing == 4


@pytest.mark.parametrize(
    ("line", "key"),
    [
        ("ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device", "install.no_space"),
        ("ERROR: Could not install packages due to an OSError: [Errno 13] Permission denied: '/opt/x'", "install.no_permission"),
        ("WARNING: Retrying ... NewConnectionError(...): Failed to establish a new connection", "install.no_network"),
        ("  cause: dns error", "install.no_network"),
        ("WARNING: Retrying ... SSLError(SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED]", "install.no_certificate"),
        ("ERROR: No matching distribution found for mlx-metal==0.32.4", "install.no_wheel"),
        ("ERROR: ResolutionImpossible: for help visit ...", "install.conflict"),
        ("error: subprocess-exited-with-error", "install.no_build"),
        ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE", "install.damaged_file"),
        ("Segmentation fault", "install.failed"),
    ],
)
def test_each_failure_has_its_own_sentence(line: str, key: str) -> None:
    assert explain(["Collecting numpy", line]) == key


def test_without_a_network_pip_also_finds_no_distribution_and_the_network_is_what_counts() -> None:
    lines = ["WARNING: ... NameResolutionError(...)", "ERROR: No matching distribution found for numpy==2.4.6"]
    assert explain(lines) == "install.no_network"


def test_evidence_is_pips_errors_or_else_its_last_lines() -> None:
    assert evidence(["Collecting a", "ERROR: one", "WARNING: two", "ERROR: three"]) == "ERROR: one\nERROR: three"
    assert evidence(["1", "2", "", "3", "4"]) == "2\n3\n4"
