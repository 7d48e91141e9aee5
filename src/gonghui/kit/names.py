"""People's names: what may stand in one, how names sort, and how a fragment of one is found.

Finding: a GIN index on `gonghui_bigrams(name)` answers `gonghui_bigrams(name) @> gonghui_bigrams('建国')`; recheck with
ILIKE '%建国%', since the bigrams of a name may come from two places. A search for ONE character finds only
one-character names that way (a bigram index knows no single characters): such a search is a surname, so ask for the
prefix (LIKE '张%'), or, inside one union, for plain ILIKE.
"""

import re
import unicodedata
from functools import lru_cache

from pypinyin import Style, lazy_pinyin

from gonghui.kit.documents import Invalid
from gonghui.kit.normal import normalized

MIN_NAME, MAX_NAME = 2, 50

IDEOGRAPHS = (
    "\u2e80-\u2fdf"  # radicals, as copied from some PDF files
    "\u3005\u3007"  # 々 〇
    "\u3400-\u4dbf\u4e00-\u9fff"  # extension A, the basic block
    "\uf900-\ufaff"  # compatibility ideographs
    "\U00020000-\U0003347f"  # extensions B to J and the compatibility supplement
)
_common_name = re.compile("[\u4e00-\u9fff]{2,50}")  # nearly every name: clean as it is
_invisible = re.compile("[\u200b-\u200f\u2060\ufeff\ufe00-\ufe0f\U000e0100-\U000e01ef]")  # and choices of glyph
_ideograph = re.compile(f"[{IDEOGRAPHS}]")
_space_beside_ideograph = re.compile(f"(?<=[{IDEOGRAPHS}·]) | (?=[{IDEOGRAPHS}·])")
_middle_dots = re.compile(" ?[·•‧∙⋅・･●。．᛫] ?")  # of a name whose spaces are single
_dot_beside_ideograph = re.compile(rf"(?<=[{IDEOGRAPHS}]) ?\. ?(?=[{IDEOGRAPHS}])")

# Readings as surnames, where they differ from the character's usual one.
_surnames = """
单:shan4 仇:qiu2 曾:zeng1 解:xie4 查:zha1 盖:ge3 朴:piao2 区:ou1 任:ren2 华:hua4 乐:yue4 员:yun4 贠:yun4 洗:xian3
繁:po2 召:shao4 覃:qin2 缪:miao4 秘:bi4 种:chong2 黑:he4 折:she2 佴:nai4 角:jue2 翟:zhai2 隗:wei3 郇:xun2 乜:nie4
燕:yan1 葛:ge3 过:guo1 纪:ji3 牟:mu4 能:nai4 於:yu1 祭:zhai4 占:zhan1 宿:su4 柏:bai3 薄:bo2 卜:bu3 都:du1 干:gan1
句:gou1 阚:kan4 相:xiang4 撒:sa3 粘:nian2 炅:gui4 不:fou1 圈:juan4 夹:jia2 那:na1 么:yao1 哈:ha3 肖:xiao1
尉迟:yu4,chi2 万俟:mo4,qi2 澹台:tan2,tai2 单于:chan2,yu2 长孙:zhang3,sun1 令狐:ling2,hu2 鲜于:xian1,yu2
夹谷:jia1,gu3 乐正:yue4,zheng4 谷梁:gu3,liang2 宰父:zai3,fu3 皇甫:huang2,fu3 拓跋:tuo4,ba2 淳于:chun2,yu2
"""
_places = "长:chang2 重固:chong2,gu4 堡镇:bu3,zhen4"


def _readings(table: str) -> dict[str, list[str]]:
    return {start: readings.split(",") for start, readings in (entry.split(":") for entry in table.split())}


SURNAME_READINGS, PLACE_READINGS = _readings(_surnames), _readings(_places)

BIGRAMS_SQL = """
CREATE OR REPLACE FUNCTION gonghui_bigrams(content text) RETURNS text[]
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE STRICT AS $$
DECLARE
    folded text := lower(content COLLATE "C");
    size int := char_length(folded);
    pairs text[] := '{}';
BEGIN
    IF size = 1 THEN
        RETURN ARRAY[folded];
    END IF;
    FOR i IN 1 .. size - 1 LOOP
        pairs := pairs || substr(folded, i, 2);
    END LOOP;
    RETURN pairs;
END
$$
"""
_ascii_lower = {ord(upper): upper.lower() for upper in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"}


def bigrams(text: str) -> list[str]:
    """The pairs of neighbouring characters, ASCII letters in lower case; one character gives itself, none gives none.

    The same as the SQL function of `BIGRAMS_SQL`. Mind that an empty search is contained in everything.
    """
    folded = text.translate(_ascii_lower)
    if len(folded) == 1:
        return [folded]
    return [folded[i : i + 2] for i in range(len(folded) - 1)]


def pinyin_key(name: str) -> str:
    """A key that sorts names as a Chinese reader expects: by reading, then tone, then character, surname first.

    Surnames have their own readings (单 shàn, 万俟 mòqí), which pypinyin does not know; names with a middle dot have
    no Chinese surname. Store it as text: a key is up to eight times as long as its name. Characters without a known
    reading come last.
    """
    if "·" in name:
        return _sort_key(name, [])
    compound = SURNAME_READINGS.get(name[:2]) if len(name) > 2 else None
    return _sort_key(name, compound or SURNAME_READINGS.get(name[:1], []))


def unit_key(name: str) -> str:
    """As `pinyin_key`, for units, unions and places: 单 is dān there, and 长宁 is chángníng."""
    return _sort_key(name, PLACE_READINGS.get(name[:2]) or PLACE_READINGS.get(name[:1], []))


def _sort_key(name: str, known: list[str]) -> str:
    start = "".join(f"{reading}{char} " for reading, char in zip(known, name, strict=False))
    return (start + "".join(map(_sort_part, name[len(known) :]))).rstrip()


@lru_cache(maxsize=32768)
def _sort_part(char: str) -> str:
    if not _ideograph.match(char):
        return normalized("NFD", char)[0].casefold()
    reading = lazy_pinyin(char, style=Style.TONE3)[0]
    return f"{char} " if reading == char else f"{reading}{char} "


def clean_name(text: str) -> str:
    """The name as it is stored: half-width letters, single spaces, `·` for every middle dot, radicals as ideographs.

    A name is 2-50 ideographs (all planes) or Latin letters, the latter also with hyphen, apostrophe and full stop.
    Rare ideographs are kept as typed, since a person's card shows that very form. Raises Invalid.
    """
    if _common_name.fullmatch(text):
        return text
    name = "".join(normalized("NFKC", c) if _is_lookalike(c) else c for c in _invisible.sub("", text))
    name = re.sub(r"\s+", " ", name).strip().replace("’", "'").replace("‘", "'").replace("‐", "-").replace("‑", "-")
    name = _dot_beside_ideograph.sub("·", _middle_dots.sub("·", name))
    name = _space_beside_ideograph.sub("", name)
    if not _ideograph.search(name):
        name = normalized("NFC", name)
    _refuse_wrong_name(name)
    return name


def _is_lookalike(char: str) -> bool:
    return "\u2f00" <= char <= "\u2fd5" or "\uff01" <= char <= "\uff5e" or char == "\u3000"


def _refuse_wrong_name(name: str) -> None:
    if not name:
        raise Invalid("请填写姓名。")
    if len(name) > MAX_NAME:
        raise Invalid(f"姓名不能超过 {MAX_NAME} 个字符，现在是 {len(name)} 个，请照证件上的姓名填写。")
    for char in name:
        if not (_ideograph.match(char) or char in " ·-'." or _is_latin(char)):
            shown = char if unicodedata.category(char)[0] in "LNPS" else f"U+{ord(char):04X}"
            raise Invalid(f"姓名中不能有“{shown}”，只能用汉字、英文字母和间隔号“·”，请照证件上的姓名填写。")
    if len(name) < MIN_NAME:
        raise Invalid(f"姓名至少 {MIN_NAME} 个字，请照证件填写完整的姓和名。")
    if not all(_ideograph.match(end) or _is_latin(end) for end in (name[0], name[-1].replace(".", "a"))):
        raise Invalid("姓名应以汉字或字母开头和结尾，请删去两端的符号。")
    if re.search(r"[·.'-]{2}|·\s|\s·", name):
        raise Invalid("姓名中的间隔号、连字符等符号不能连用，请只留一个。")


def _is_latin(char: str) -> bool:
    return char.isalpha() and unicodedata.name(char, "").startswith("LATIN ")
