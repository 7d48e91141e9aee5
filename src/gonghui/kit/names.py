"""People's names: allowed characters, equal spellings, sorting, and search for a part of a name.

Search: the key of a row is `name_key` of its name. The column stores it only if it differs from the name (rare).
A GIN index on `gonghui_grams(coalesce(name_key, name))` contains every character and every pair of neighbours, for
`@> ARRAY['建国', '国华']`. A LIKE '%建国华%' checks the rows again, because the pairs may be in different places.
"""

import re
import unicodedata
from functools import lru_cache

from pypinyin import Style, lazy_pinyin

from gonghui.kit.documents import Invalid
from gonghui.kit.normal import normalized
from gonghui.kit.radicals import IDEOGRAPH_OF

MIN_NAME, MAX_NAME = 2, 50

IDEOGRAPHS = (
    "\u2e80-\u2fdf"  # radicals, as copied from some PDF files
    "\u3005\u3007"  # 々 〇
    "\u3400-\u4dbf\u4e00-\u9fff"  # extension A, the basic block
    "\uf900-\ufaff"  # compatibility ideographs
    "\U00020000-\U0003347f"  # extensions B to J and the compatibility supplement
)
_common_name = re.compile("[\u4e00-\u9fff]{2,50}")  # nearly every name: needs no cleaning
# Zero-width characters, direction marks, soft hyphens, and variation selectors.
_invisible = re.compile(
    "[\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\U000e0000-\U000e01ef]"
)
_ideograph = re.compile(f"[{IDEOGRAPHS}]")
_space_beside_ideograph = re.compile(f"(?<=[{IDEOGRAPHS}·]) | (?=[{IDEOGRAPHS}·])")
_middle_dots = re.compile(" ?[·•‧∙⋅・･●。．᛫˙⸱⸳◦] ?")  # in a name with single spaces
_brackets = str.maketrans("[]{}【】〔〕〖〗「」『』〈〉《》﹙﹚", "()" * 10)
_commas = re.compile(" ?[,，] ?")
_dot_beside_ideograph = re.compile(rf"(?<=[{IDEOGRAPHS}]) ?\. ?(?=[{IDEOGRAPHS}])")

# Readings of surnames that differ from the character's usual reading.
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

GRAMS_SQL = """
CREATE OR REPLACE FUNCTION gonghui_grams(content text) RETURNS text[]
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE STRICT AS $$
DECLARE
    grams text[] := '{}';
BEGIN
    FOR i IN 1 .. char_length(content) LOOP
        grams := grams || substr(content, i, 1) || substr(content, i, 2);
    END LOOP;
    RETURN grams;
END
$$
"""


def grams(text: str) -> list[str]:
    """Returns the terms of ``text`` for the index: its pairs of neighbouring characters, or its single character.

    An empty list matches every row.
    """
    return [text[i : i + 2] for i in range(len(text) - 1)] or [text][: len(text)]


def pinyin_key(name: str) -> str:
    """Returns a key that sorts names as a Chinese reader expects: by reading, then tone, then character, surname first.

    Surnames have special readings (单 shàn, 万俟 mòqí), which pypinyin does not know; names with a middle dot have no
    Chinese surname. Store it as text: a key is up to eight times as long as its name. Characters without a known
    reading are last.
    """
    if "·" in name:
        return _sort_key(name, [])
    compound = SURNAME_READINGS.get(name[:2]) if len(name) > 2 else None
    return _sort_key(name, compound or SURNAME_READINGS.get(name[:1], []))


def unit_pinyin(name: str) -> str:
    """As `pinyin_key`, for units, unions and places: 单 is dān, and 长宁 is chángníng."""
    return _sort_key(name, PLACE_READINGS.get(name[:2]) or PLACE_READINGS.get(name[:1], []))


def _sort_key(name: str, readings: list[str]) -> str:
    start = "".join(f"{reading}{char} " for reading, char in zip(readings, name, strict=False))
    return (start + "".join(map(_sort_part, name[len(readings) :]))).rstrip()


@lru_cache(maxsize=32768)
def _sort_part(char: str) -> str:
    if not _ideograph.match(char):
        return normalized("NFD", char)[0].casefold()
    reading = lazy_pinyin(char, style=Style.TONE3)[0]
    return f"{char} " if reading == char else f"{reading}{char} "


def initials(text: str) -> str:
    """Returns the typed initials of a name's readings (``zxm``) in normal form; "" for any other text."""
    letters = re.sub(r"[\s'·]", "", text).casefold()
    return letters if re.fullmatch("[a-z]{2,20}", letters) else ""


def clean_name(text: str) -> str:
    """Returns the name as stored: half-width letters, single spaces, `·` for every middle dot, the ordinary ideographs
    for radicals and compatibility ideographs.

    A name has 2-50 ideographs (all planes) or Latin letters, the latter also with hyphen, apostrophe and full stop.
    Rare ideographs are unchanged, because a person's card shows this form. Raises Invalid.
    """
    if _common_name.fullmatch(text):
        return text
    name = visible(text).replace("’", "'").replace("‘", "'").replace("‐", "-").replace("‑", "-")
    name = _dot_beside_ideograph.sub("·", _middle_dots.sub("·", name))
    name = _space_beside_ideograph.sub("", name)
    if not _ideograph.search(name):
        name = _commas.sub(" ", name)  # SMITH, JOHN
    _refuse_wrong_name(name)
    return name


def visible(text: str) -> str:
    """Returns the text without invisible characters, with ordinary ideographs and single spaces."""
    shown = _invisible.sub("", text).translate(IDEOGRAPH_OF)
    shown = "".join(normalized("NFKC", c) if "\uff01" <= c <= "\uff5e" else c for c in shown)
    return " ".join(normalized("NFC", shown).split())


def name_key(name: str) -> str:
    """Returns the key by which stored and searched names are compared: equal for all spellings of a name.

    Beyond `clean_name`, it ignores spaces, dots and letter case; in a Latin name also the order of the words (passports
    and forms differ in it), commas, hyphens and apostrophes.
    """
    if _common_name.fullmatch(name):
        return name
    folded = normalized("NFKC", visible(_middle_dots.sub(" ", name))).casefold()
    words = re.split(r"[\W_]+", re.sub("['’‘`]", "", folded))
    return "".join(words) if _ideograph.search(folded) else " ".join(sorted(filter(None, words)))


def unit_key(name: str) -> str:
    """Returns the key of an employer's or union's name: it ignores brackets' form, width, spaces and letter case."""
    folded = normalized("NFKC", visible(name)).casefold().translate(_brackets)
    return re.sub(r"\s+", "", folded)


def unit_columns(name: str) -> dict[str, str | None]:
    """Returns the columns of a unit's name, its search key and its sort key."""
    return {"name": name, "name_key": stored_key(name, unit_key(name)), "pinyin": unit_pinyin(name)}


def stored_key(name: str, key: str) -> str | None:
    """Returns ``key`` for the column; None if it equals the name."""
    return None if key == name else key


def clean_email(text: str) -> str:
    """Returns an e-mail address in the stored form; accepts the ``@`` and full stop of Chinese input methods."""
    return normalized("NFKC", visible(text)).replace("。", ".").replace(" ", "").lower()


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
