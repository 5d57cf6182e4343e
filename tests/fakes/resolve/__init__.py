"""A Resolve to test against: whole documented surface, real state, the known misbehaviour as switches, faults at chosen calls."""

from .faults import KINDS, Faults, random_faults
from .host import FakeHost
from .otio import timeline_from_otio
from .profiles import PROFILES, Profile
from .quirks import Quirks
from .state import Bin, Clip, Item, TimelineState, Track
from .ui import choose, click

__all__ = [
    "KINDS",
    "PROFILES",
    "Bin",
    "Clip",
    "FakeHost",
    "Faults",
    "Item",
    "Profile",
    "Quirks",
    "TimelineState",
    "Track",
    "choose",
    "click",
    "random_faults",
    "timeline_from_otio",
]
