"""The line codec: whole ASCII lines, a size limit, and clear refusals."""

import io

import pytest

from core.errors import WireError
from core.wire import LINE_LIMIT, Sender, decode, encode, messages


def test_a_message_is_one_ascii_line() -> None:
    assert encode({"type": "note", "message": "粵\n語"}) == b'{"type":"note","message":"\\u7cb5\\n\\u8a9e"}\n'


def test_what_is_sent_is_what_is_read() -> None:
    stream = io.BytesIO()
    sender = Sender(stream)
    sender.send("stage", stage="plan", index=1)
    sender.send("cancelled")
    stream.seek(0)
    assert list(messages(stream)) == [{"type": "stage", "stage": "plan", "index": 1}, {"type": "cancelled"}]


def test_blank_lines_are_passed_over() -> None:
    assert list(messages(io.BytesIO(b'\n{"type":"cancel"}\r\n \n'))) == [{"type": "cancel"}]


@pytest.mark.parametrize("line", [b"hello\n", b"[1]\n", b'{"type":1}\n', b"{}\n", b"\xff\xfe\n", b'{"type":"a"'])
def test_anything_else_is_refused(line: bytes) -> None:
    with pytest.raises(WireError) as caught:
        list(messages(io.BytesIO(line)))
    assert caught.value.code == "wire.bad_line"


def test_the_size_limit_holds_in_both_directions() -> None:
    with pytest.raises(WireError) as caught:
        encode({"type": "partial", "text": "x" * LINE_LIMIT})
    assert caught.value.code == "wire.too_long"
    with pytest.raises(WireError) as caught:
        list(messages(io.BytesIO(b" " * (LINE_LIMIT + 5) + b"\n")))
    assert caught.value.code == "wire.too_long"


def test_a_closed_stream_means_that_the_plugin_is_gone() -> None:
    stream = io.BytesIO()
    stream.close()
    with pytest.raises(WireError) as caught:
        Sender(stream).send("stage")
    assert caught.value.code == "wire.gone"


def test_decode_keeps_unicode() -> None:
    assert decode('{"type":"note","message":"嘅"}\n'.encode()) == {"type": "note", "message": "嘅"}
