"""Errors carry a code, both languages and an exit code, and survive a process boundary."""

import pickle

import pytest

from core.errors import Cancelled, EngineError, InputError, SetupError, StageError, WireError


@pytest.mark.parametrize(("kind", "code"), [(InputError, 2), (SetupError, 3), (StageError, 1), (WireError, 4), (Cancelled, 130)])
def test_each_kind_has_its_exit_code(kind: type[InputError], code: int) -> None:
    assert kind.exit_code == code


def test_stopping_is_not_an_error() -> None:
    assert not issubclass(Cancelled, EngineError)


def test_an_error_survives_pickling() -> None:
    error = pickle.loads(pickle.dumps(InputError("files.missing", file="香港 #1.mov", detail="why")))
    assert type(error) is InputError
    assert (error.code, error.detail, error.params) == ("files.missing", "why", {"file": "香港 #1.mov"})


def test_the_wire_form_is_plain_text() -> None:
    assert InputError("files.missing", file="a", detail="d").to_wire("zh") == {
        "code": "files.missing",
        "message": "找不到 a。",
        "hint": "請檢查檔名，並確認磁碟已連接。",
        "detail": "d",
    }
