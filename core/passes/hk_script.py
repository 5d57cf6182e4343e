"""Hong Kong characters: simplified or Taiwan forms by OpenCC, and the spoken words that a recogniser writes with another character.

OpenCC cannot know 系 from 係, 甘 from 咁 or 左 from 咗, which are all valid text: `repairs.tsv` does, by their neighbours. Which document is
simplified is decided once for all of it, because s2hk on Traditional text would turn the name 余 into 餘.
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

from ..document import SubtitleDocument
from ..rules.engine import repairs
from .base import PassContext
from .diff import Note
from .sentences import sentences

if TYPE_CHECKING:
    from opencc import OpenCC

# 吓 is Cantonese by itself; only in these words is it the simplified 嚇
_SPOKEN = re.compile("吓(?![亲親人死到坏壞怕得])")
# What Hong Kong screens and Big5-trained writers show, beside OpenCC's reference forms
_COMMON = str.maketrans("説羣衞牀綫鈎麪枱線裡", "說群衛床線鈎麵枱線裏")


@cache
def _converter(name: str) -> OpenCC:
    from opencc import OpenCC

    return OpenCC(name)


def is_simplified(text: str) -> bool:
    """True when more characters are only simplified than only Traditional."""
    to_traditional, to_simplified = _converter("s2t").convert(text), _converter("t2s").convert(text)
    only_simplified = sum(1 for one, two in zip(text, to_traditional, strict=False) if one != two)
    only_traditional = sum(1 for one, two in zip(text, to_simplified, strict=False) if one != two)
    return only_simplified > only_traditional


def hk_script(document: SubtitleDocument, context: PassContext) -> SubtitleDocument:
    """The pass. Raises what `engine` raises."""
    texts = [cue.text for cue in document.cues]
    converter = _converter("s2hk" if is_simplified("\n".join(texts)) else "t2hk")
    groups = sentences(document)
    names = frozenset(context.glossary.names)
    rewritten = repairs("repairs.tsv", names).rewrite(tuple(_converted(cue.text, converter, context) for cue in group) for group in groups)
    by_id = {cue.id: part for group, parts in zip(groups, rewritten, strict=True) for cue, part in zip(group, parts, strict=True)}
    context.notes.update({cue.id: Note("rules", ("passes.script",)) for cue in document.cues if by_id[cue.id] != cue.text})
    return replace(document, cues=tuple(replace(cue, text=by_id[cue.id]) for cue in document.cues))


def _converted(text: str, converter: OpenCC, context: PassContext) -> str:
    """The text in Hong Kong forms; glossary names in it stay as they are."""
    converted: str = converter.convert(text)
    if context.script.variants == "common":
        converted = converted.translate(_COMMON)
    if len(converted) == len(text):
        for found in _SPOKEN.finditer(text):
            converted = converted[: found.start()] + found[0] + converted[found.end() :]
        for name in context.glossary.names:
            start = text.find(name)
            while start >= 0:
                converted = converted[:start] + name + converted[start + len(name) :]
                start = text.find(name, start + len(name))
    return converted
