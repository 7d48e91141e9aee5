"""The rules of one line of earlier years, for the action and the workbook alike (SPEC 6.2)."""

import re
from decimal import Decimal

from django.utils.timezone import localdate

from gonghui.bookings.codes import Kind
from gonghui.kit.documents import Invalid
from gonghui.kit.names import visible
from gonghui.kit.normal import normalized

FIRST_YEAR, MAX_DAYS, MAX_TITLE = 1950, 60, 100
MAX_AMOUNT = Decimal(10) ** 8


def clean_kind(text: str) -> str:
    """The code of a kind by its name. Raises Invalid."""
    kinds = {label: code for code, label in Kind.choices}
    if (code := kinds.get(visible(text))) is None:
        raise Invalid(f"没有这个类型，请填写{'、'.join(kinds)}。")
    return str(code)


def clean_title(text: str) -> str:
    """The programme's name. Raises Invalid."""
    title = visible(text)
    if not title:
        raise Invalid("没有填写项目名称，请填写当时项目的名称。")
    if len(title) > MAX_TITLE:
        raise Invalid(f"项目名称超过 {MAX_TITLE} 个字，请缩短。")
    return title


def clean_year(text: str) -> int:
    """A year from FIRST_YEAR to the present one. Raises Invalid."""
    year = _whole(text.removesuffix("年"))
    if year is None or not FIRST_YEAR <= year <= localdate().year:
        raise Invalid(
            f"年度不正确，请填写 {FIRST_YEAR} 至 {localdate().year} 之间的年份，例如 {localdate().year - 1}。"
        )
    return year


def clean_days(text: str) -> int:
    """The number of days; one if nothing is said. Raises Invalid."""
    days = _whole(text.removesuffix("天")) if text.strip() else 1
    if days is None or not 1 <= days <= MAX_DAYS:
        raise Invalid(f"天数不正确，请填写 1 至 {MAX_DAYS} 的整数。")
    return days


def clean_amount(text: str) -> Decimal | None:
    """An amount in yuan with at most two decimals; None if nothing is said. Raises Invalid."""
    plain = normalized("NFKC", text[:20]).replace(",", "").removesuffix("元").strip()
    if not plain:
        return None
    if not re.fullmatch(r"[0-9]{1,10}(\.[0-9]{1,2})?", plain) or Decimal(plain) >= MAX_AMOUNT:
        raise Invalid("金额不正确，请只填数字，最多两位小数，例如 1200。")
    return Decimal(plain)


def _whole(text: str) -> int | None:
    digits = normalized("NFKC", text[:20]).strip()
    return int(digits) if re.fullmatch("[0-9]{1,9}", digits) else None
