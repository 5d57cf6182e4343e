"""Apple's names: the code uses no other than the table's and all of them, and the wheels that are published for macOS know them so."""

from __future__ import annotations

import ast
import ctypes
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from apple.wheels import FIXTURE, ROOT, download_command, pins, read_wheels
from core import apple
from core.apple import AppleName, apple_names, missing_names
from core.audio import accelerate

MODULES = {name.module for name in apple_names()}
WHEELS = json.loads(FIXTURE.read_text("utf-8"))
BY_NAME = {"core/apple.py"}  # loads modules whose names the table tells
C_TYPES = {
    "const float *": ctypes.POINTER(ctypes.c_float),
    "float *": ctypes.POINTER(ctypes.c_float),
    "vDSP_Stride ": ctypes.c_long,
    "vDSP_Length ": ctypes.c_ulong,
}


class Use(NamedTuple):
    """`name` of a module, or a selector of whatever object with `module` ''; `arguments` of its call, None where it is not called."""

    module: str
    name: str
    arguments: int | None
    where: str


def uses_in(source: str, where: str = "here") -> Iterator[Use]:
    """Every use of a name of Apple's: attributes of modules that `import_module` or an import gave, and selectors, which end in '_'.

    A file without such modules may hold torch's methods, which end so too.
    """
    if where not in BY_NAME and not any(module in source for module in MODULES):
        return
    tree = ast.parse(source)
    bound = dict(_bound(tree))
    talks = bool(bound) or where in BY_NAME
    calls = {id(node.func): node for node in ast.walk(tree) if isinstance(node, ast.Call)}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module in MODULES:
            yield from (Use(node.module, alias.name, None, f"{where}:{node.lineno}") for alias in node.names)
        if not isinstance(node, ast.Attribute):
            continue
        call = calls.get(id(node))
        place, arguments = f"{where}:{node.lineno}", len(call.args) if call else None
        if isinstance(node.value, ast.Name) and node.value.id in bound:
            yield Use(bound[node.value.id], node.attr, arguments, place)
        elif call and talks and (node.attr.endswith("_") or _of_class(node, bound)):
            yield Use("", node.attr.replace("_", ":"), arguments, place)


def _bound(tree: ast.AST) -> Iterator[tuple[str, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.asname or alias.name, alias.name) for alias in node.names if alias.name in MODULES)
        value = node.value if isinstance(node, ast.Assign | ast.AnnAssign) else None
        if isinstance(value, ast.Call) and ast.unparse(value.func).endswith("import_module") and isinstance(value.args[0], ast.Constant):
            target = node.targets[0] if isinstance(node, ast.Assign) else node.target  # type: ignore[attr-defined]
            if value.args[0].value in MODULES:
                yield ast.unparse(target), str(value.args[0].value)


def _of_class(node: ast.Attribute, bound: dict[str, str]) -> bool:
    """`module.Class.selector`"""
    return isinstance(node.value, ast.Attribute) and isinstance(node.value.value, ast.Name) and node.value.value.id in bound


def all_uses() -> list[Use]:
    files = [file for folder in ("core", "resolve_plugin") for file in sorted((ROOT / folder).rglob("*.py"))]
    return [use for file in files for use in uses_in(file.read_text("utf-8"), str(file.relative_to(ROOT)))]


USES = all_uses()


def names_of(name: AppleName) -> set[tuple[str, str]]:
    """What a row allows: a method also its class, and its selector on any object, for whose class nobody reading the source can tell."""
    if name.kind != "methods":
        return {(name.module, name.name)}
    owner, selector = name.name.split(" ")
    return {(name.module, owner), ("", selector)}


def test_the_scan_sees_every_way_of_using_a_name() -> None:
    source = (
        "from Foundation import NSString\n"
        "def work(quartz):\n"
        "    quartz: Any = import_module('Quartz')\n"
        "    numpy = import_module('numpy')\n"
        "    numpy.zeros(3)\n"
        "    space = quartz.CGColorSpaceCreateWithName(quartz.kCGColorSpaceSRGB)\n"
        "    quartz.CIContext.context().createCGImage_fromRect_(1, 2)\n"
    )
    found = {use[:3] for use in uses_in(source)}
    assert found == {
        ("Foundation", "NSString", None),
        ("Quartz", "CGColorSpaceCreateWithName", 1),
        ("Quartz", "kCGColorSpaceSRGB", None),
        ("Quartz", "CIContext", None),
        ("", "context", 0),
        ("", "createCGImage:fromRect:", 2),
    }


def test_every_use_is_in_the_table() -> None:
    allowed = set().union(*(names_of(name) for name in apple_names()))
    assert [use for use in USES if (use.module, use.name) not in allowed] == []


def test_every_row_is_used() -> None:
    used = {(use.module, use.name) for use in USES} | {("Accelerate", name) for name in accelerate.SIGNATURES}
    assert [name for name in apple_names() if not names_of(name) <= used and name.module != "Foundation"] == []
    assert [name for name in apple_names() if name.kind == "methods" and ("", name.name.split(" ")[1]) not in used] == []


def encoded_types(encoding: str) -> list[str]:
    """The types of an Objective-C encoding, one by one, the result's first."""
    found, start, depth = [], 0, 0
    for end, sign in enumerate(encoding, 1):
        depth += (sign in "{[(") - (sign in "}])")
        if not depth and sign not in "^rnNoORV":
            found.append(encoding[start:end])
            start = end
    return found


def test_encodings_are_taken_apart() -> None:
    assert encoded_types("v^{CGContext=}^{CGRect={CGPoint=dd}{CGSize=dd}}Q") == ["v", "^{CGContext=}", "^{CGRect={CGPoint=dd}{CGSize=dd}}", "Q"]
    assert encoded_types("{CMTime=qiIq}qi") == ["{CMTime=qiIq}", "q", "i"]


def test_functions_get_as_many_arguments_as_they_take() -> None:
    takes = {
        (name.module, name.name): len(encoded_types(name.signature)) - 1 for name in apple_names() if name.kind == "functions" and name.signature
    }
    called = [use for use in USES if use.arguments is not None and (use.module, use.name) in takes]
    assert len(called) >= 10
    assert [use for use in called if use.arguments != takes[use.module, use.name]] == []


def test_selectors_get_as_many_arguments_as_they_have_colons() -> None:
    assert [use for use in USES if not use.module and use.arguments != use.name.count(":")] == []


@pytest.mark.parametrize("name", [name for name in apple_names() if name.package], ids=lambda name: f"{name.module}.{name.name}")
def test_the_published_wheels_know_the_name_so(name: AppleName) -> None:
    if name.kind == "methods":
        assert WHEELS["classes"][f"{name.module} {name.name.split(' ')[0]}"]
    # methods that need no metadata are not listed: the Objective-C runtime describes them
    assert (WHEELS["names"][f"{name.module} {name.kind} {name.name}"] or "") == name.signature
    assert name.kind == "methods" or WHEELS["names"][f"{name.module} {name.kind} {name.name}"] is not None


def test_what_was_read_are_the_wheels_that_are_pinned() -> None:
    read = {re.sub(r"[_.]+", "-", file.split("-")[0]): file.split("-")[1] for file in WHEELS["wheels"]}
    assert read == pins()


@pytest.mark.network
def test_the_wheels_say_still_what_was_read_in_them(tmp_path: Path) -> None:
    done = subprocess.run(download_command(tmp_path), capture_output=True, text=True, check=False)
    if done.returncode != 0:
        pytest.skip(f"the macOS wheels cannot be downloaded: {done.stderr.strip().splitlines()[-1]}")
    assert read_wheels(tmp_path) == {key: WHEELS[key] for key in ("wheels", "classes", "names")}


def test_ctypes_are_those_of_the_c_declarations() -> None:
    """No wheel that we install for macOS imports a function of vDSP (numpy, scipy, MLX and torch: BLAS and BNNS): Apple's page is the reference."""
    declared = {name.name: name.signature for name in apple_names() if name.module == "Accelerate"}
    assert {name: tuple(C_TYPES[re.sub(r"\w+$", "", one)] for one in declaration.split(", ")) for name, declaration in declared.items()} == (
        accelerate.SIGNATURES
    )


def test_a_name_that_is_not_there_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    gone = AppleName("json", "functions", "dumpz", "", "x"), AppleName("json", "functions", "dumps", "", "x")
    monkeypatch.setattr(apple, "apple_names", lambda: gone)
    assert [(name.name, said) for name, said in missing_names()] == [("dumpz", "AttributeError: module 'json' has no attribute 'dumpz'")]


@pytest.mark.skipif(sys.platform != "darwin", reason="needs macOS")
def test_this_mac_has_every_name() -> None:
    assert list(missing_names()) == []
