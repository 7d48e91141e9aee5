"""Names on cards: printable characters, who needs an agreed name, and homophones (SPEC 4.3)."""

import re
from collections import Counter, defaultdict
from functools import cache

from pypinyin import Style, pinyin
from pypinyin.phrases_dict import phrases_dict

from gonghui.kit.errors import Refused
from gonghui.kit.names import IDEOGRAPHS, SURNAME_READINGS, visible
from gonghui.members.codes import DocumentType

FOREIGN = (DocumentType.PASSPORT, DocumentType.FOREIGN_PERMANENT)
"""Document types of foreigners, who need separate batches (manual 5.1: 外籍人士需单独提交)."""

MAX_HAN = 4
MAX_LATIN = 8
OFFERED = 10
"""Maximum number of offered homophones of one character."""

_han = re.compile(f"[{IDEOGRAPHS}]")
_latin_name = re.compile(r"[A-Z]+(?: [A-Z]+)*")


def is_foreign(document_type: str) -> bool:
    return document_type in FOREIGN


def printable(char: str) -> bool:
    """Returns whether the card maker's character set (GB 2312 and ASCII) has it; GB 2312 also has the middle dot."""
    if char == "·" or char.isascii():
        return True
    try:
        char.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return True


def rare_characters(name: str) -> list[str]:
    """Returns the characters of a name that the card maker cannot print."""
    return [char for char in name if not printable(char)]


def needs_agreement(name: str, document_type: str) -> bool:
    """Returns whether the name must be agreed: a foreigner's, or one with a rare character (「是否特殊」)."""
    return is_foreign(document_type) or bool(rare_characters(name))


def check_agreed(agreed: str, *, name: str, document_type: str) -> str:
    """Returns the agreed name in its normal form (SPEC 4.3). Raises Refused with the fault and the remedy.

    Foreigners: at most 8 capital letters, the width of the card's line. Others: at most 4 Chinese characters, all in
    GB 2312. If the name has at most four characters, each agreed one sounds like the character that it replaces: a rare
    one, or, in a name without any, one that the officer considers special.
    """
    agreed = visible(agreed)
    if not agreed:
        raise Refused("请填写约定姓名。", field="agreed")
    return _foreign(agreed.upper()) if is_foreign(document_type) else _homophone(agreed.replace(" ", ""), name)


def _foreign(agreed: str) -> str:
    if not _latin_name.fullmatch(agreed):
        raise Refused("外籍人士的约定姓名只能用英文字母，词与词之间可以空一格，例如 E MARCHE。", field="agreed")
    if len(agreed) > MAX_LATIN:
        raise Refused(
            f"外籍人士的约定姓名不能超过 {MAX_LATIN} 个英文字符，现在是 {len(agreed)} 个，请缩短。", field="agreed"
        )
    return agreed


def _homophone(agreed: str, name: str) -> str:
    if odd := next((char for char in agreed if not _han.match(char)), ""):
        raise Refused(f"约定姓名只能用汉字，“{odd}”不是汉字，请改成同音的简化字。", field="agreed")
    if len(agreed) > MAX_HAN:
        raise Refused(f"约定姓名不能超过 {MAX_HAN} 个汉字，现在是 {len(agreed)} 个，请缩短。", field="agreed")
    if rare := rare_characters(agreed):
        raise Refused(f"“{rare[0]}”也是生僻字，制卡字库中没有，请换一个常用的同音字。", field="agreed")
    if len(name) <= MAX_HAN and "·" not in name:
        _refuse_other_sound(agreed, name)
    return agreed


def _refuse_other_sound(agreed: str, name: str) -> None:
    if len(agreed) != len(name):
        raise Refused(f"约定姓名应与姓名字数相同，“{name}”是 {len(name)} 个字。", field="agreed")
    if agreed == name:
        raise Refused("约定姓名与姓名相同。卡上照原名制作的，不需要约定姓名；请换成同音字，或返回。", field="agreed")
    rare = rare_characters(name)
    for position, (char, replacement) in enumerate(zip(name, agreed, strict=True), 1):
        if char == replacement:
            continue
        if rare and printable(char):
            raise Refused(f"第 {position} 个字“{char}”不是生僻字，请保留，只替换生僻字。", field="agreed")
        sounds = readings(char)
        if sounds and not _toneless(sounds) & _toneless(readings(replacement)):
            sound = "、".join(pinyin(char, heteronym=True)[0])
            raise Refused(
                f"第 {position} 个字“{replacement}”与“{char}”（{sound}）读音不同，请填写同音字。", field="agreed"
            )


@cache
def readings(char: str) -> frozenset[str]:
    """Returns all readings with tones, also as a surname; none for a character in no dictionary."""
    sounds = {
        sound
        for sound in pinyin(char, style=Style.TONE3, heteronym=True, neutral_tone_with_five=True)[0]
        if sound != char
    }
    return frozenset(sounds | set(SURNAME_READINGS.get(char, ())))


def _toneless(sounds: frozenset[str]) -> set[str]:
    return {sound.rstrip("12345") for sound in sounds}


def homophones(char: str) -> list[str]:
    """Returns characters of GB 2312 that sound like ``char``: the same tone first, then the most common first."""
    tones, by_sound = readings(char), _by_sound()
    characters = {candidate for sound in _toneless(tones) for candidate in by_sound[sound] if candidate != char}
    return sorted(characters, key=lambda candidate: (_usual(candidate) not in tones, *_rarity(candidate)))[:OFFERED]


def suggestions(name: str, document_type: str) -> list[str]:
    """Returns agreed names to choose from; none if no dictionary has the reading."""
    if is_foreign(document_type):
        return _latin_suggestions(name)
    rare = set(rare_characters(name))
    if not rare or len(name) > MAX_HAN or "·" in name:
        return []
    offered: list[str] = []
    for rank in range(OFFERED):
        parts = [
            (offers[min(rank, len(offers) - 1)] if (offers := homophones(char)) else "") if char in rare else char
            for char in name
        ]
        if all(parts) and "".join(parts) not in offered:
            offered.append("".join(parts))
    return offered


def _latin_suggestions(name: str) -> list[str]:
    """Suggests the family name (the last word in most passports), also with the first initial, and the given name."""
    words = re.sub(r"[^A-Z ]", "", name.upper().replace("-", " ")).split()
    if not words:
        return []
    full_names = [" ".join(words), "".join(words)]
    offers = [
        *(text for text in full_names if len(text) <= MAX_LATIN),
        f"{words[0][0]} {words[-1]}",
        words[-1],
        words[0],
    ]
    return list(dict.fromkeys(offer[:MAX_LATIN].strip() for offer in offers))


@cache
def _by_sound() -> dict[str, list[str]]:
    """Returns GB 2312's 6,763 ideographs by their usual sound: 卵 is not read kūn in practice."""
    by_sound: dict[str, list[str]] = defaultdict(list)
    for char in _gb2312():
        by_sound[_usual(char).rstrip("12345")].append(char)
    return by_sound


@cache
def _usual(char: str) -> str:
    return pinyin(char, style=Style.TONE3, neutral_tone_with_five=True)[0][0]


@cache
def _gb2312() -> dict[str, int]:
    """Returns each ideograph with its level: 1 for the 3,755 common ones (rows 16 to 55), 2 for the others (56 to 87)."""
    rows = ((row, cell) for row in range(0xB0, 0xF8) for cell in range(0xA1, 0xFF))
    return {
        bytes(pair).decode("gb2312"): 1 if pair[0] < 0xD8 else 2 for pair in rows if pair[0] != 0xD7 or pair[1] < 0xFA
    }


@cache
def _uses() -> Counter[str]:
    """Returns how many words of the dictionary of phrases contain each character, as a measure of its frequency."""
    return Counter(char for phrase in phrases_dict for char in set(phrase))


def _rarity(char: str) -> tuple[int, int, str]:
    return _gb2312()[char], -_uses()[char], char
