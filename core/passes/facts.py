"""What a rewrite must not touch: digits, numbers in words, Latin words, names, quotations and whether something is denied.

Each function is one kind of fact as a Counter, equal before and after a faithful rewrite. To protect another kind, add a function to `KINDS`.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable

_DIGITS = re.compile(r"\d+(?:[.:]\d+)*")
_LATIN = re.compile(r"[A-Za-zÀ-ɏ]+(?:['’&+-][A-Za-zÀ-ɏ]+)*")
_NUMERAL = re.compile(r"[零〇一二兩三四五六七八九十百千萬億廿卅]+")
# Words with a numeral in them that say no number
_IDIOMS = re.compile(
    "千萬(?=[不別唔咪要記])|萬一|萬分|百厭|十分(?!鐘)|一[^二三四五六七八九十百千萬億點]|九成九|三唔識七|七嘴八舌|亂七八糟|十足|零食|零舍|兩公婆|八卦|八婆|三文治|四圍|四周|四處|八達通|三心兩意"
)
_QUOTED = re.compile(r"「[^」]*」|『[^』]*』|《[^》]*》|〈[^〉]*〉")
# Questions of the shape A-not-A, or with 'not yet' at the end, deny nothing
_END = r"(?=[呀㗎啊架]*(?:[？?，,。.！! ]|$))"
_QUESTION = re.compile(rf"(?<![梗但])(\w{{1,2}})[唔不](?=\1)|有冇|(?<!沒)有沒有|係咪|是不是|(?<=\w)未{_END}|了[^，,。.？?！! ]{{0,8}}沒有{_END}")
_NEUTRAL = re.compile(
    "唔該晒?|唔好意思|不好意思|唔通|難道|唔單止|不但|不單|唔止|不止|唔怪之?得|怪唔得|怪不得|難怪|對唔住|對唔起|對不起|唔緊要|不要緊|"
    "不過|不如|不停|不斷|差唔多|差不多|無論|未來|無線|無數|非常|別人|特別|分別|別墅|性別|級別|類別|非洲|是非|莫名|不久|不得不|了不起|"
    "無端端|無緣無故"
)
_NEGATION = re.compile("唔記得|忘記|(?<!難)忘了|沒有|[唔不冇沒未無咪別勿非]")

Fact = Callable[[str], "Counter[str]"]


def digits(text: str) -> Counter[str]:
    """Runs of digits, without thousands commas, full-width forms folded."""
    return Counter(_DIGITS.findall(re.sub(r"(?<=\d)[,，](?=\d{3})", "", unicodedata.normalize("NFKC", text))))


def latin(text: str) -> Counter[str]:
    """Latin words, as they are spelt."""
    return Counter(_LATIN.findall(text))


def numerals(text: str) -> Counter[str]:
    """Numbers in Chinese characters; 廿 and 卅 count as 二十 and 三十. A bare 一 is too often no number to be one."""
    plain = _IDIOMS.sub(" ", text).replace("廿", "二十").replace("卅", "三十")
    return Counter(run for run in _NUMERAL.findall(plain) if run != "一")


def quotations(text: str) -> Counter[str]:
    """What stands in quotation marks or is a title, marks included."""
    return Counter(_QUOTED.findall(text))


def negations(text: str) -> Counter[str]:
    """How often something is denied or forbidden, A-not-A questions and set phrases left out."""
    bare = _NEUTRAL.sub(" ", _QUESTION.sub(" ", _QUOTED.sub(" ", text)))
    return Counter({"not": len(_NEGATION.findall(bare))}) + Counter()


def names(text: str, glossary: tuple[str, ...]) -> Counter[str]:
    """How often each glossary name stands in the text."""
    return Counter({name: text.count(name) for name in glossary if name in text})


KINDS: dict[str, Fact] = {"digits": digits, "numerals": numerals, "latin": latin, "quotations": quotations, "negation": negations}


def changed(before: str, after: str, glossary: tuple[str, ...] = ()) -> tuple[str, ...]:
    """The kinds of fact that differ, 'names' included, in the order of KINDS."""
    kinds = [kind for kind, fact in KINDS.items() if fact(before) != fact(after)]
    return (*kinds, "names") if names(before, glossary) != names(after, glossary) else tuple(kinds)
