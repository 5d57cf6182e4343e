"""The scratch project: the user's project is saved and left, a new one is made, and afterwards everything is as it was.

Whatever could not be put back is returned in words, never passed over.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ..errors import SetupError
from .desk import Desk

NAME = "Canto-Beats selftest"


@contextmanager
def scratch_project(desk: Desk) -> Iterator[dict[str, Any]]:
    """Work in a new project while the block runs; the dict given tells `name` and, after the block, `restored` by item.

    Raises SetupError `selftest.unsaved` before anything is changed when the open project cannot be saved, `selftest.no_project` when Resolve
    makes no project.
    """
    before = _remember(desk)
    if desk.call(desk.manager, "SaveProject") is not True:
        raise SetupError("selftest.unsaved", name=before["project"].get("name", ""))
    facts: dict[str, Any] = {"name": f"{NAME} {time.strftime('%Y%m%d-%H%M%S')}", "before": before}
    try:
        if desk.call(desk.manager, "CreateProject", facts["name"]) is None:
            raise SetupError("selftest.no_project", name=facts["name"])
        desk.call(desk.project, "SetSetting", "timelineFrameRate", "25")
        yield facts
    finally:
        facts["restored"] = _restore(desk, facts["name"], before)


def _remember(desk: Desk) -> dict[str, Any]:
    timeline = desk.host.timeline() or {}
    return {
        "project": desk.host.project() or {},
        "page": desk.host.page(),
        "timeline": timeline.get("id", ""),
        "playhead": desk.host.playhead(timeline["id"]) if timeline else "",
    }


def _restore(desk: Desk, scratch: str, before: dict[str, Any]) -> dict[str, bool]:
    """Back to the user's project, timeline, playhead and page, then without the scratch project; True for each that reads back."""
    name = before["project"].get("name", "")
    if (desk.host.project() or {}).get("name") == scratch:
        desk.call(desk.manager, "SaveProject")  # an unsaved project would ask a question
    if (desk.host.project() or {}).get("name") != name:
        desk.call(desk.manager, "LoadProject", name)
    desk.calls.sleep(desk.calls.pauses.page_s)
    project = (desk.host.project() or {}).get("id") == before["project"].get("id")
    if project and before["timeline"]:
        desk.host.make_current(before["timeline"])
        if before["page"] in ("cut", "edit", "color", "fairlight", "deliver"):
            desk.host.open_page(before["page"])
        desk.host.set_playhead(before["timeline"], before["playhead"])
    if before["page"]:
        desk.host.open_page(before["page"])
    desk.call(desk.manager, "DeleteProject", scratch)
    left = desk.call(desk.manager, "GetProjectListInCurrentFolder") or []
    return {
        "project": project,
        "timeline": (desk.host.timeline() or {}).get("id", "") == before["timeline"],
        "playhead": not before["timeline"] or desk.host.playhead(before["timeline"]) == before["playhead"],
        "page": desk.host.page() == before["page"],
        "scratch_deleted": scratch not in list(left),
    }
