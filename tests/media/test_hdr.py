"""Which high dynamic range can be rendered: Dolby Vision by what lies under it, the rest by the codec's room."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from core.errors import InputError
from core.media.encoder_table import codecs
from core.media.picture import look_at
from core.media.render_plan import Wish, plan_render
from fakes.dolby import mark
from fakes.films import run

from .conftest import Films


@pytest.fixture
def unmarked(films: Films, tmp_path: Path) -> Path:
    path = tmp_path / "plain.mp4"
    run("-i", str(films("pq.mp4")), "-c", "copy", "-tag:v", "hvc1", str(path))
    return path


@pytest.mark.parametrize(("profile", "compatibility"), [(5, 0), (8, 1), (8, 4)])
def test_dolby_vision_is_recognised(unmarked: Path, tmp_path: Path, profile: int, compatibility: int) -> None:
    assert look_at(mark(unmarked, tmp_path / "dolby.mp4", profile, compatibility)).dolby == (profile, compatibility)
    assert look_at(unmarked).dolby is None


def test_a_base_layer_of_its_own_kind_is_refused(unmarked: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        plan_render(look_at(mark(unmarked, tmp_path / "dolby.mp4", 5, 0)), Wish())
    assert caught.value.code == "render.dolby_only" and "profile 5" in caught.value.message()


def test_a_base_layer_that_others_can_show_is_kept_and_said(unmarked: Path, tmp_path: Path) -> None:
    plan = plan_render(look_at(mark(unmarked, tmp_path / "dolby.mp4", 8, 1)), Wish())
    assert plan.codec.id == "hevc10"
    assert [reason.code for reason in plan.reasons] == ["render.hdr_needs", "render.hdr_white", "render.dolby_dropped"]


def test_what_cannot_be_kept_is_said(films: Films) -> None:
    facts = replace(look_at(films("pq.mp4")), dynamic_light=True)
    assert "render.dynamic_dropped" in [reason.code for reason in plan_render(facts, Wish("prores", out=Path("a.mov"))).reasons]
    deep = replace(look_at(films("mute.mp4")), bits=10)
    assert [reason.text() for reason in plan_render(deep, Wish()).reasons] == [
        "The source has 10 bits a channel, H.264 keeps 8; --codec hevc10 keeps ten."
    ]


@pytest.mark.parametrize("codec", codecs())
def test_only_ten_bits_have_room(films: Films, codec: str) -> None:
    facts = look_at(films("hlg.mov"))
    if codecs()[codec].bits == 10:
        assert plan_render(facts, Wish(codec)).codec.id == codec
        return
    with pytest.raises(InputError) as caught:
        plan_render(facts, Wish(codec))
    assert caught.value.code == "render.hdr_codec"
