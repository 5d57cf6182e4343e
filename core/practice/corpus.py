"""What the practice model is taught to hear: sentences of Hong Kong Cantonese, from the corpora inside the pycantonese wheel.

`write_texts` mixes, by the shares of `SHARES`: real HKCanCor utterances, sentences of the Cantonese half of CTCPC and of Common Voice,
phrases of rime-cantonese, walks over HKCanCor's word pairs, and words drawn at random. Real sentences alone are learned by heart instead of
listened to; the last two kinds prevent that. To add a source: write a function that yields sentences and give it a share.

The 300 utterances of `held_out.txt` never enter, in no source.
"""

from __future__ import annotations

import hashlib
import json
import random
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from ..errors import SetupError

HELD_OUT_COUNT = 300
HELD_OUT_LENGTH = range(6, 41)
LONGEST = 30  # characters of one training sentence

# share of the mix by source; the order is part of the recipe
SHARES = {"hkcancor": 0.22, "ctcpc": 0.34, "common_voice": 0.05, "rime": 0.03, "pairs": 0.22, "words": 0.14}

_HAN = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff]+")
_CLAUSE = re.compile(r"[^。？！?!]+[。？！?!]*")
_HELD_OUT_FILE = Path(__file__).with_name("held_out.txt")


def characters_only(text: str) -> str:
    """`text` without anything but Chinese characters."""
    return "".join(_HAN.findall(text))


def held_out() -> tuple[str, ...]:
    """The test utterances, Chinese characters only."""
    return tuple(_HELD_OUT_FILE.read_text("utf-8").split())


def choose_held_out() -> tuple[str, ...]:
    """The utterances `held_out.txt` was made from: the 300 with the smallest BLAKE2 hash among those of 6 to 40 characters."""
    texts = {characters_only("".join(words)) for words in hkcancor_utterances()}
    fitting = [text for text in texts if len(text) in HELD_OUT_LENGTH]
    return tuple(sorted(fitting, key=lambda text: hashlib.blake2b(text.encode()).digest())[:HELD_OUT_COUNT])


def write_texts(path: Path, count: int, seed: int) -> None:
    """Write `count` sentences, one a line, shuffled; the same seed and wheels give the same file.

    Raises SetupError without pycantonese.
    """
    rng = random.Random(seed)
    secret = set(held_out())
    lines: list[str] = []
    for name, sentences in _sources(secret, rng).items():
        lines += _take(sentences, round(count * SHARES[name]), rng)
    lines = [line for line in lines if characters_only(line) not in secret][:count]
    rng.shuffle(lines)
    path.write_text("\n".join(lines) + "\n", "utf-8")


def hkcancor_utterances() -> list[tuple[str, ...]]:
    """HKCanCor's utterances as words; only Chinese words and a final 。 or ？ are kept."""
    try:
        import pycantonese
    except ImportError as error:
        raise SetupError("practice.no_corpus", detail=str(error)) from error
    utterances = []
    for utterance in pycantonese.hkcancor().utterances():
        spoken = [token.word for token in utterance.tokens or []]
        words = tuple(word for word in spoken if _HAN.fullmatch(word))
        if words:
            utterances.append((*words, "？" if spoken[-1] == "?" else "。"))
    return utterances


Source = Callable[[], str] | Sequence[str]


def _sources(secret: set[str], rng: random.Random) -> dict[str, Source]:
    utterances = [words for words in hkcancor_utterances() if characters_only("".join(words)) not in secret]
    distinct = sorted(set(utterances))
    frequent = Counter(word for words in utterances for word in words[:-1])
    rime = [word for word in _wheel_json("rime_cantonese/chars_to_jyutping.json") if _HAN.fullmatch(word) and 2 <= len(word) <= 5]
    draw = _word_drawer(frequent, rime, rng)
    return {
        "hkcancor": [piece for words in distinct for piece in _pieces(words)],
        "ctcpc": _sentences(_wheel_json("ctcpc/sents.json")),
        "common_voice": _sentences(_wheel_json("common_voice/sents.json")),
        "rime": _sentences(_wheel_json("rime_cantonese/phrase_fragments.json")),
        "pairs": _pair_walker(utterances, draw, rng),
        "words": lambda: "".join(draw() for _ in range(rng.randint(2, 9)))[:LONGEST] + "。",
    }


def _take(source: Source, count: int, rng: random.Random) -> list[str]:
    """`count` sentences: made one by one, or the list as often as it takes, each round in another order."""
    if callable(source):
        return [source() for _ in range(count)]
    taken: list[str] = []
    while len(taken) < count:
        taken += rng.sample(source, min(len(source), count - len(taken)))
    return taken


def _pieces(words: Sequence[str]) -> Iterable[str]:
    """An utterance, cut at words where it is longer than LONGEST."""
    piece = ""
    for word in words[:-1]:
        if len(piece) + len(word) > LONGEST:
            yield piece + "。"
            piece = ""
        piece += word
    yield piece + words[-1]


def _sentences(texts: Iterable[str]) -> list[str]:
    """Distinct sentences of 2 to 30 Chinese characters, split at full stops, inner punctuation dropped, a final 。 or ？ kept.

    Sentences that write 系 for 係 are left out: they would teach two spellings of the commonest word.
    """
    found: dict[str, None] = {}
    for text in texts:
        for clause in _CLAUSE.findall(text.replace(" ", "")):
            bare = characters_only(clause)
            if 2 <= len(bare) <= LONGEST and not re.search(r"[A-Za-z0-9]", clause) and "系" not in bare:
                found[bare + ("？" if clause[-1] in "？?" else "。")] = None
    return list(found)


def _word_drawer(frequent: Counter[str], rare: Sequence[str], rng: random.Random) -> Callable[[], str]:
    """One random word: three times in four from `frequent` by frequency to the power 0.4, else from `rare`."""
    words = list(frequent)
    weights = [frequent[word] ** 0.4 for word in words]
    cumulative = [sum(weights[:1])]
    for weight in weights[1:]:
        cumulative.append(cumulative[-1] + weight)
    return lambda: rng.choices(words, cum_weights=cumulative)[0] if rng.random() < 0.75 else rng.choice(rare)


def _pair_walker(utterances: Sequence[Sequence[str]], draw: Callable[[], str], rng: random.Random) -> Callable[[], str]:
    """Sentences that follow HKCanCor's word pairs, with a random word put in now and then."""
    following: dict[str, list[str]] = defaultdict(list)
    for words in utterances:
        for left, right in zip(("", *words), words, strict=False):
            following[left].append(right)

    def walk() -> str:
        text, word = "", ""
        while True:
            known = following.get(word)
            word = rng.choice(known) if known and rng.random() > 0.12 else draw()
            if word in "。？" or len(text) + len(word) > LONGEST:
                break
            text += word
        return text + (word if word in "。？" else "。") if len(text) > 1 else walk()

    return walk


def _wheel_json(name: str) -> list[str]:
    """A data file inside the pycantonese wheel; of a mapping, its keys."""
    import pycantonese

    return list(json.loads((Path(pycantonese.__file__).parent / "data" / name).read_text("utf-8")))
