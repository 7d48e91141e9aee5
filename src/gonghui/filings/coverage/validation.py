"""The rules of one covered employer's values, for the form and the workbook alike."""

import re

from gonghui.kit.documents import Invalid
from gonghui.kit.names import visible
from gonghui.kit.normal import normalized
from gonghui.unions.models import MAX_STAFF

MIN_NAME, MAX_NAME = 2, 100


def clean_employer_name(text: str) -> str:
    """The name without what cannot be seen, spaces single. Raises Invalid."""
    name = visible(text)
    if not name:
        raise Invalid("没有填写单位名称，请填写证照上的全称。")
    if not MIN_NAME <= len(name) <= MAX_NAME:
        raise Invalid(f"单位名称应为 {MIN_NAME} 至 {MAX_NAME} 个字，请填写证照上的全称。")
    return name


def clean_staff_count(text: str) -> int:
    """A whole number from 1 to MAX_STAFF. Raises Invalid."""
    digits = normalized("NFKC", text[:20]).strip()
    if not digits:
        raise Invalid("没有填写职工人数，请填写单位现有职工的人数。")
    if not re.fullmatch("[0-9]{1,19}", digits) or not 1 <= int(digits) <= MAX_STAFF:
        raise Invalid(f"职工人数应为 1 至 {MAX_STAFF:,} 的整数，请只填数字，例如 35。")
    return int(digits)
