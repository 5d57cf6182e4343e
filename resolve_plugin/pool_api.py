"""Operations on the media pool: our bin, the import of a subtitle file, the append that puts it on a track."""

from __future__ import annotations

import contextlib
from typing import Any

from .resolve_calls import HostObjects, NoAnswer, operation


class PoolOperations(HostObjects):
    """Bins and pool items, by id."""

    @operation
    def current_bin(self) -> str:
        """Id of the current folder."""
        return self.calls.ask(self.calls.thing(self._pool(), "GetCurrentFolder"), "GetUniqueId", str)

    @operation
    def set_current_bin(self, bin_id: str) -> None:
        """Make a folder the current one; a folder that no longer exists is left out."""
        pool = self._pool()
        if self.calls.ask(self.calls.thing(pool, "GetCurrentFolder"), "GetUniqueId", str) == bin_id:
            return
        folder = self._find_bin(self.calls.thing(pool, "GetRootFolder"), bin_id)
        if folder is not None:
            self._enter(pool, folder, bin_id)

    @operation
    def use_bin(self, name: str) -> str:
        """Make the folder `name` below the root the current one, creating it if needed; answers its id."""
        pool = self._pool()
        root = self.calls.thing(pool, "GetRootFolder")
        folder = self._child(root, name)
        if folder is None:
            self.calls.raw(pool, "AddSubFolder", root, name)
            folder = self._child(root, name)
        if folder is None:
            raise NoAnswer("AddSubFolder")
        bin_id = self.calls.ask(folder, "GetUniqueId", str)
        self._enter(pool, folder, bin_id)
        return bin_id

    @operation
    def import_subtitles(self, path: str) -> str:
        """Import an SRT into the current folder; answers the pool item's id. The path must be new: Resolve never reads a known one again."""
        found = self.calls.things(self._pool(), "ImportMedia", [path])
        if len(found) != 1 or found[0] is None:
            raise NoAnswer("ImportMedia")
        item_id = self.calls.ask(found[0], "GetUniqueId", str)
        self.calls.pause(self.calls.pauses.import_s)
        return item_id

    def append_subtitles(self, bin_id: str, item_id: str) -> None:
        """Append a pool item to the current timeline, once. What Resolve answers proves nothing, so nothing is answered; read the tracks."""
        item = self.calls.insist("append_subtitles", lambda: self._pool_item(bin_id, item_id))
        pool = self.calls.insist("append_subtitles", self._pool)
        with contextlib.suppress(NoAnswer):  # it may have been done all the same
            self.calls.raw(pool, "AppendToTimeline", [{"mediaPoolItem": item}])
        self.calls.structural()

    def _pool(self) -> Any:
        return self.calls.thing(self._project(), "GetMediaPool")

    def _pool_item(self, bin_id: str, item_id: str) -> Any:
        folder = self._find_bin(self.calls.thing(self._pool(), "GetRootFolder"), bin_id)
        for clip in self.calls.things(folder, "GetClipList") if folder is not None else []:
            if self.calls.ask(clip, "GetUniqueId", str) == item_id:
                return clip
        raise NoAnswer("GetClipList")

    def _enter(self, pool: Any, folder: Any, bin_id: str) -> None:
        self.calls.raw(pool, "SetCurrentFolder", folder)
        if self.calls.ask(self.calls.thing(pool, "GetCurrentFolder"), "GetUniqueId", str) != bin_id:
            raise NoAnswer("SetCurrentFolder")

    def _child(self, folder: Any, name: str) -> Any:
        children = self.calls.things(folder, "GetSubFolderList")
        return next((child for child in children if self.calls.ask(child, "GetName", str) == name), None)

    def _find_bin(self, folder: Any, bin_id: str) -> Any:
        if self.calls.ask(folder, "GetUniqueId", str) == bin_id:
            return folder
        for child in self.calls.things(folder, "GetSubFolderList"):
            found = self._find_bin(child, bin_id)
            if found is not None:
                return found
        return None
