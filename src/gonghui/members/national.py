"""Rules of the values of the national form that look at more than one field (SPEC 3.10)."""

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any

from gonghui.codelists.queries import label
from gonghui.members.codes import DocumentType, HonourLevel
from gonghui.members.field import Problem

MIN_JOINING_AGE = 16  # as MIN_AGE of validation.py
FIRST_HONOUR = 1950  # the first national 劳动模范 were named in this year
_CHINESE = (
    DocumentType.RESIDENT_ID,
    DocumentType.HK_MACAO_PERMIT,
    DocumentType.TAIWAN_PERMIT,
    DocumentType.HMT_RESIDENCE,
)


def check(values: Mapping[str, Any], wrong: Collection[str], problems: list[Problem]) -> None:
    """Adds the problems of checked values; nothing follows from a ``wrong`` field."""
    for rule in (_joined, _honour, _nationality):
        problems.extend(problem for problem in rule(values) if problem[0] not in wrong)


def _joined(values: Mapping[str, Any]) -> list[Problem]:
    joined, born = values.get("joined_on"), values.get("born_on")
    if joined is None:
        return []
    if joined > date.today():  # noqa: DTZ011 (the process is in the site's zone; quick, for each row of an import)
        return [("joined_on", f"入会日期 {joined:%Y-%m-%d} 晚于今天", "请核对入会日期")]
    if born and (joined.year - born.year, joined.month, joined.day) < (MIN_JOINING_AGE, born.month, born.day):
        wrong = f"入会日期 {joined:%Y-%m-%d} 时不满 {MIN_JOINING_AGE} 周岁（出生日期 {born:%Y-%m-%d}）"
        return [("joined_on", wrong, "请核对入会日期和出生日期")]
    return []


def _honour(values: Mapping[str, Any]) -> list[Problem]:
    level, year, born = (values.get(name) for name in ("honour_level", "honour_year", "born_on"))
    if not year:
        return []
    this_year = date.today().year  # noqa: DTZ011
    if not (year.isdecimal() and len(year) == 4 and FIRST_HONOUR <= int(year) <= this_year):
        return [("honour_year", f"“{year}”不是年份", f"请填写 {FIRST_HONOUR} 至 {this_year} 之间的年份，例如 2020")]
    if level in ("", HonourLevel.NONE):
        return [("honour_year", "填写了荣誉年份，却没有荣誉", "请填写劳模荣誉的级别，没有荣誉的不填年份")]
    if born and int(year) < born.year + MIN_JOINING_AGE:
        return [("honour_year", f"荣誉年份 {year} 与出生日期 {born:%Y-%m-%d} 不符", "请核对荣誉年份和出生日期")]
    return []


def _nationality(values: Mapping[str, Any]) -> list[Problem]:
    if values.get("nationality") and values.get("document_type") in _CHINESE:
        document = label(DocumentType, values["document_type"])
        return [("nationality", f"{document}的持有人是中国公民，不填国籍", "请清空国籍，或者核对证件类型")]
    return []


def before_founding(joined: date | None, founded: date | None) -> Problem | None:
    """The problem of a person who is new in a union and joined before it was founded; None if there is none."""
    if joined is None or founded is None or joined >= founded:
        return None
    wrong = f"入会日期 {joined:%Y-%m-%d} 早于本工会的建会日期 {founded:%Y-%m-%d}"
    return "joined_on", wrong, "请核对入会日期；原来在其他工会入会的，填写到本工会的日期"
