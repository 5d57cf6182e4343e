"""What PyObjC's macOS wheels say about the names of `core/data/apple_names.toml`, kept in `wheel_metadata.json` so that tests need no network.

    python -m apple.wheels FOLDER      (with tests/ on the path)

reads the wheels in FOLDER, into which they were downloaded by `download_command`, and writes the file anew: after another name or another pin.
"""

from __future__ import annotations

import ast
import json
import re
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from core.apple import AppleName, apple_names

ROOT = Path(__file__).resolve().parents[2]
FIXTURE = Path(__file__).with_name("wheel_metadata.json")
PLATFORMS = ("macosx_10_9_universal2", "macosx_11_0_arm64", "macosx_11_0_universal2", "macosx_14_0_arm64")
_KINDS = {"functions": "functions", "constants": "constants", "enums": "constants"}


def packages() -> list[str]:
    return sorted({name.package for name in apple_names() if name.package})


def pins() -> dict[str, str]:
    """The version of each package in constraints.txt."""
    lines = (ROOT / "constraints.txt").read_text("utf-8")
    return {package: re.search(rf"^{package}==(\S+)", lines, re.MULTILINE)[1] for package in packages()}  # type: ignore[index]


def download_command(folder: Path) -> list[str]:
    platforms = [word for platform in PLATFORMS for word in ("--platform", platform)]
    wanted = [f"{package}=={version}" for package, version in pins().items()]
    options = ["--no-deps", "--only-binary", ":all:", "--python-version", "3.11", "--dest", str(folder)]
    return [sys.executable, "-m", "pip", "download", "-q", *options, *platforms, *wanted]


def read_wheels(folder: Path) -> dict[str, Any]:
    """For the rows of the table: {"wheels": file names, "classes": {"module class": whether its methods are spoken of}, "names": {"module kind name":
    signature, or None where no wheel carries it}}.
    """
    known: dict[tuple[str, str, str], str] = {}
    wheels = sorted(folder.glob("pyobjc*.whl"))
    for wheel in wheels:
        with zipfile.ZipFile(wheel) as archive:
            for file in archive.namelist():
                if file.endswith("/_metadata.py"):
                    known |= dict(_entries(file.split("/")[0], archive.read(file).decode("utf-8")))
                elif file == "objc/__init__.py":
                    known |= {
                        ("objc", "functions", name): "" for name in re.findall(r"^class (\w+)", archive.read(file).decode("utf-8"), re.MULTILINE)
                    }
    owners = {(module, name.split(" ")[0]) for module, kind, name in known if kind == "methods"}
    classes = sorted({(name.module, name.name.split(" ")[0]) for name in apple_names() if name.kind == "methods"})
    return {
        "wheels": [wheel.name for wheel in wheels],
        "classes": {f"{module} {owner}": (module, owner) in owners for module, owner in classes},
        "names": {_key(name): known.get((name.module, name.kind, name.name)) for name in apple_names() if name.package},
    }


def _key(name: AppleName) -> str:
    return f"{name.module} {name.kind} {name.name}"


def _entries(module: str, source: str) -> Iterator[tuple[tuple[str, str, str], str]]:
    """((module, kind, name), signature) of everything in one _metadata.py, which is read and never run."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id in _KINDS:
            yield from _assigned(module, _KINDS[node.targets[0].id], node.value)
        elif isinstance(node, ast.Call) and len(node.args) == 3 and ast.unparse(node.func) in ("r", "objc.registerMetaDataForSelector"):
            owner, selector = (ast.literal_eval(argument).decode() for argument in node.args[:2])
            yield (module, "methods", f"{owner} {selector}"), ast.unparse(node.args[2])


def _assigned(module: str, kind: str, value: ast.expr) -> Iterator[tuple[tuple[str, str, str], str]]:
    if isinstance(value, ast.Constant):
        for part in str(value.value).strip("$").split("$"):
            name, _, signature = part.partition("@")
            yield (module, kind, name), signature or "@"
    elif isinstance(value, ast.Dict) and kind == "functions":
        for name, entry in zip(value.keys, value.values, strict=True):
            # a few differ between processors and are calls; none of ours
            if name is not None and isinstance(entry, ast.Tuple) and isinstance(entry.elts[0], ast.Constant):
                yield (module, kind, ast.literal_eval(name)), ast.literal_eval(entry.elts[0]).decode()


def main() -> None:
    found = read_wheels(Path(sys.argv[1]))
    FIXTURE.write_text(json.dumps({"made_by": "python -m apple.wheels FOLDER", **found}, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
