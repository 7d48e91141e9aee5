"""Numbers of people and units: checks and masks of identity documents, organisation codes and telephones.

Every check takes the typed text (full-width digits, spaces, hyphens, lower case), returns the normal form, and raises
`Invalid` with a sentence about the error and the remedy. The sentence never contains the number.
"""

import re
from collections.abc import Callable
from contextlib import suppress
from datetime import date
from functools import lru_cache
from typing import Literal, NamedTuple

from stdnum import numdb
from stdnum.cn import uscc

from gonghui.kit.normal import normalized

SexLetter = Literal["M", "F"]


def _today() -> date:
    return date.today()  # noqa: DTZ011 (the date on the wall, in the server's zone)


STARTED_ON = _today()  # birth dates up to this day are valid: avoids a clock call for each row of an import
EARLIEST_BIRTH = date(1880, 1, 1)
RESIDENCE_PERMIT_PREFIXES = ("81", "82", "83")  # of residents of Hong Kong, Macao and Taiwan
ID_CHECK_DIGITS = "10X98765432"
ORG_CODE_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
_mobile = re.compile(r"1[3-9][0-9]{9}")
NOISE = re.compile(r"[\s\u200b-\u200f\u2060\ufeff'’‘`‐-―−-]+")


class Invalid(ValueError):
    """The typed text is invalid; ``sentence`` is a whole Chinese sentence with the remedy."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence

    @property
    def halves(self) -> tuple[str, str]:
        """「错在哪里，请怎样改。」 as what is wrong and what would be right, without full stops."""
        wrong, *right = re.split("[，；](?=请)", self.sentence.removesuffix("。"), maxsplit=1)
        return wrong, right[0] if right else "请核对后改正"


class ResidentId(NamedTuple):
    """A checked 18-digit number. `region_known` is False if no past or present official list has its region code."""

    number: str
    born_on: date
    sex: SexLetter
    region_known: bool


class CheckedDocument(NamedTuple):
    """A document number in its normal form, with the data about its holder that it contains.

    `doc_type` is the type that the number proves, even if another one was chosen, so that one person has one record.
    It is the chosen type if the number proves none.
    """

    number: str
    born_on: date | None
    sex: SexLetter | None
    doc_type: str


def compact(text: str) -> str:
    """Returns the text in half-width upper case, without spaces, hyphens and Excel's leading apostrophe."""
    if text.isascii() and text.isalnum():
        return text.upper()
    return NOISE.sub("", normalized("NFKC", text)).upper()


def parse_resident_id(text: str) -> ResidentId:
    """Checks a resident ID (GB 11643): length, characters, birth date, ISO 7064 MOD 11-2 check digit.

    Accepts every region code: real people have codes of abolished counties (310225 南汇县) and of residence permits
    (81, 82, 83). Raises Invalid.
    """
    number = compact(text)
    if len(number) != 18:
        raise Invalid(_wrong_length(number))
    body, check = number[:17], number[17]
    if not (body.isdigit() and body.isascii()) or check not in ID_CHECK_DIGITS:
        raise Invalid("身份证号码的前 17 位只能是数字，最后一位是数字或字母 X，请对照证件改正。")
    born_on = _birth_date(number)
    if check != id_check_digit(body):
        raise Invalid("身份证号码的校验位不正确，通常是有一位输错或两位颠倒，请对照证件逐位核对。")
    return ResidentId(number, born_on, "M" if number[16] in "13579" else "F", _region_known(number[:6]))


def id_check_digit(body: str) -> str:
    """Returns the 18th character for 17 digits, ISO 7064 MOD 11-2 (GB 11643, 4.2.3).

    The weights are powers of 2 modulo 11, and 13 is 2 modulo 11, so ``int`` with base 13 computes the sum in C.
    """
    return ID_CHECK_DIGITS[int(body, 13) * 2 % 11]


def _wrong_length(number: str) -> str:
    if not number:
        return "请填写身份证号码。"
    if len(number) == 15 and number.isdigit():
        return "15 位旧身份证号码已停用，请填写第二代身份证上的 18 位号码。"
    return f"身份证号码应为 18 位，现在是 {len(number)} 位，请对照证件补全或删去多余的字符。"


def _birth_date(number: str) -> date:
    try:
        born_on = date.fromisoformat(number[6:14])
    except ValueError:
        raise Invalid(
            "身份证号码第 7 至 14 位应是出生日期（年月日），现在不是一个存在的日期，请对照证件改正。"
        ) from None
    if born_on > STARTED_ON and born_on > _today():
        raise Invalid("身份证号码中的出生日期晚于今天，请对照证件改正第 7 至 14 位。")
    if born_on < EARLIEST_BIRTH:
        raise Invalid(f"身份证号码中的出生日期早于 {EARLIEST_BIRTH.year} 年，请对照证件改正第 7 至 14 位。")
    return born_on


@lru_cache(maxsize=8192)
def _region_known(region: str) -> bool:
    if region.startswith(RESIDENCE_PERMIT_PREFIXES):
        return region[2:] == "0000"
    return any("county" in facts for _, facts in numdb.get("cn/loc").info(region))


def check_org_code(text: str) -> str:
    """Checks a 9-character organisation code (GB 11714: eight characters and a MOD 11 check digit). Raises Invalid."""
    code = compact(text)
    if len(code) != 9:
        raise Invalid(f"组织机构代码应为 9 位，现在是 {len(code)} 位，请对照证书改正。")
    if not re.fullmatch(r"[0-9A-Z]{8}[0-9X]", code):
        raise Invalid("组织机构代码由 8 位数字或大写字母加 1 位校验位（数字或 X）组成，请对照证书改正。")
    if code[8] != org_code_check_digit(code[:8]):
        raise Invalid("组织机构代码的校验位不正确，请对照证书逐位核对。")
    return code


def org_code_check_digit(body: str) -> str:
    """Returns the ninth character for the first eight (GB 11714, 3.3); letters count from A = 10."""
    return "0123456789X0"[11 - sum(int(c, 36) * w for c, w in zip(body, ORG_CODE_WEIGHTS, strict=True)) % 11]


def check_uscc(text: str) -> str:
    """Checks an 18-character unified social credit code (GB 32100: shape and MOD 31 check character). Raises Invalid.

    stdnum computes the check character. The check of the shape is our own, because the first two characters may be
    letters (N for rural collectives).
    """
    code = compact(text)
    if len(code) != 18:
        raise Invalid(f"统一社会信用代码应为 18 位，现在是 {len(code)} 位，请对照证照改正。")
    if not re.fullmatch(r"[0-9A-HJ-NP-RTUWXY]{2}[0-9]{6}[0-9A-HJ-NP-RTUWXY]{10}", code):
        raise Invalid(
            "统一社会信用代码由数字和大写字母组成（不用 I、O、S、V、Z），第 3 至 8 位是数字；"
            "请对照证照改正，常见的是把数字 0 写成字母 O。"
        )
    if code[17] != uscc.calc_check_digit(code[:17]):
        raise Invalid("统一社会信用代码的校验位不正确，请对照证照逐位核对。")
    return code


def check_unit_code(text: str) -> str:
    """Checks a unit's code, 18 characters (GB 32100) or 9 (GB 11714); returns the normal form. Raises Invalid."""
    code = compact(text)
    if len(code) == 18:
        return check_uscc(code)
    if len(code) == 9:
        return check_org_code(code)
    raise Invalid(f"请填写 18 位统一社会信用代码或 9 位组织机构代码，现在是 {len(code)} 位。")


def check_document(doc_type: str, number: str) -> CheckedDocument:
    """Checks `number` as a document of `doc_type` (a key of `DOCUMENT_CHECKS`).

    The first digits of a number of 18 characters with valid birth date and check digit determine its type (GB 11643),
    even if another one was chosen. Raises Invalid, also for an unknown type.
    """
    check = DOCUMENT_CHECKS.get(doc_type)
    if check is None:
        raise Invalid("不认识这种证件类型，请从列表中选择。")
    if len(compact(number)) == 18:
        with suppress(Invalid):
            return _eighteen(number)
    return check(number)


def resembles(document: CheckedDocument) -> str:
    """Returns another type that the number might have, "" if there is none.

    Passports and other papers have no check digit and no fixed shape. A permit's number with such a type would create
    a second record of its holder, so the officer must confirm it. Some states' passports do have such numbers.
    """
    for doc_type in _mistaken.get(document.doc_type, ()):
        with suppress(Invalid):
            return check_document(doc_type, document.number).doc_type
    return ""


_mistaken = {
    "passport": ("hk_macao_permit", "taiwan_permit"),
    "other": ("hk_macao_permit", "taiwan_permit", "foreign_permanent"),
}


def _eighteen(text: str) -> CheckedDocument:
    resident_id = parse_resident_id(text)
    doc_type = "resident_id"
    if resident_id.number.startswith(RESIDENCE_PERMIT_PREFIXES):
        doc_type = "hmt_residence"
    elif resident_id.number.startswith("9"):
        doc_type = "foreign_permanent"
    return CheckedDocument(resident_id.number, resident_id.born_on, resident_id.sex, doc_type)


def _passport(text: str) -> CheckedDocument:
    """ICAO 9303: at most nine letters and digits; states use five or more."""
    number = compact(text)
    if not (re.fullmatch(r"[0-9A-Z]{5,9}", number) and re.search(r"[0-9]", number)):
        raise Invalid("护照号码由 5 至 9 位字母和数字组成，请照护照资料页右上角的号码填写。")
    return CheckedDocument(number, None, None, "passport")


def _hk_macao_permit(text: str) -> CheckedDocument:
    """H or M and eight characters. Earlier cards add two digits, the issue number, which is not part of it."""
    match = re.fullmatch(r"([HM][0-9A-Z][0-9]{7})([0-9]{2})?", compact(text))
    if not match:
        raise Invalid("港澳居民来往内地通行证号码以 H 或 M 开头，后接 8 位数字，请照证件正面的号码填写。")
    return CheckedDocument(match[1], None, None, "hk_macao_permit")


def _taiwan_permit(text: str) -> CheckedDocument:
    """Eight digits. Earlier booklets add the issue number: two digits, and a letter."""
    match = re.fullmatch(r"([0-9]{8})([0-9]{2}(\(?[A-Z]\)?)?)?", compact(text))
    if not match:
        raise Invalid("台湾居民来往大陆通行证号码为 8 位数字，请照证件正面的号码填写。")
    return CheckedDocument(match[1], None, None, "taiwan_permit")


def _foreign_permanent(text: str) -> CheckedDocument:
    """Since 2023: 18 digits as in GB 11643, first 9. Before: state (3 letters), place (4), birth (6), order (2)."""
    number = compact(text)
    if len(number) == 18 and number.startswith("9"):
        return _eighteen(number)
    if not re.fullmatch(r"[A-Z]{3}[0-9]{12}", number):
        raise Invalid(
            "外国人永久居留身份证号码为 9 开头的 18 位号码，或 3 位字母加 12 位数字的旧证号码，请对照证件改正。"
        )
    return CheckedDocument(number, None, None, "foreign_permanent")


def _other(text: str) -> CheckedDocument:
    number = compact(text)
    if not re.fullmatch(r"[0-9A-Z()/.\u3400-\u9fff]{3,30}", number):
        raise Invalid("证件号码应为 3 至 30 位字母、数字或汉字，请对照证件改正。")
    return CheckedDocument(number, None, None, "other")


DOCUMENT_CHECKS: dict[str, Callable[[str], CheckedDocument]] = {
    "resident_id": _eighteen,
    "passport": _passport,
    "hk_macao_permit": _hk_macao_permit,
    "taiwan_permit": _taiwan_permit,
    "hmt_residence": _eighteen,
    "foreign_permanent": _foreign_permanent,
    "other": _other,
}


def check_mobile(text: str) -> str:
    """Checks a mainland mobile number: 11 digits, 1 and then 3-9. Removes +86, spaces and hyphens. Raises Invalid."""
    if _mobile.fullmatch(text):
        return text
    number = _dialled(text)
    if not _mobile.fullmatch(number):
        raise Invalid("移动电话应为 11 位中国大陆手机号码，以 13 至 19 开头，例如 199 0000 1234。")
    return number


def check_phone(text: str) -> str:
    """Checks a mobile, 400/800 or fixed-line number (area code and extension optional): `021-61234567-801`.

    Raises Invalid.
    """
    number = _dialled(text)
    if re.fullmatch(r"1[3-9][0-9]{9}|[48]00[0-9]{7}", number):
        return number
    head, *extension = re.split(r"转|分机|EXT\.?|X|#|,|(?<=[0-9]{7})[-‐-―](?=[0-9]{1,6}$)", _plain(text), maxsplit=1)
    number = _dialled(head)
    line = re.fullmatch(r"(?:0?(10|2[0-9]|[3-9][0-9]{2}))?([2-9][0-9]{6,7})", number)
    tail = NOISE.sub("", extension[0]).lstrip(":：") if extension else ""
    if not line or (extension and not re.fullmatch(r"[0-9]{1,6}", tail)):
        raise Invalid("联系电话应为 11 位手机号码，或带区号的座机号码，例如 021-61234567，分机写作 021-61234567-801。")
    return "-".join(part for part in (line[1] and f"0{line[1]}", line[2], tail) if part)


def _plain(text: str) -> str:
    return re.sub(r"[\s()]+", "", normalized("NFKC", text)).upper()


def _dialled(text: str) -> str:
    number = NOISE.sub("", _plain(text))
    return re.sub(r"^(\+86|0086|86(?=1[3-9][0-9]{9}$))", "", number)


def mask_number(text: str) -> str:
    """Masks the middle: at most eight characters are visible, never more than half (`3101**********8408`)."""
    shown = min(8, len(text) // 2)
    head = shown // 2
    return text[:head] + "*" * (len(text) - shown) + text[len(text) - shown + head :]


def mask_name(text: str) -> str:
    """Masks all characters but the first (王**)."""
    return text[:1] + "*" * max(1, len(text) - 1) if text else ""


def mask_mobile(text: str) -> str:
    """Masks `13812345678` as `138****5678`; other lengths as `mask_number`."""
    return f"{text[:3]}****{text[-4:]}" if len(text) == 11 else mask_number(text)


def mask_address(text: str) -> str:
    """Shows city and district, or six characters if there is no district; the length of the rest is hidden."""
    district = re.match(r"(?:.{2,3}市)?[^市区县路街道镇村弄号]{1,4}[区县]", text)
    kept = district[0] if district else text[: min(6, len(text) // 2)]
    return f"{kept}******" if text else ""


def mask_email(text: str) -> str:
    """Masks `zhang@demo.test` as `zh****@demo.test`; shows less of a short name. The length is hidden."""
    name, at, domain = text.partition("@")
    return f"{name[: min(2, len(name) // 2)]}****{at}{domain}" if text else ""
