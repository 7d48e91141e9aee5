"""Rules of the values of the national form, and of those that look at more than one field (SPEC 2.7)."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Any, NamedTuple

from django.utils.timezone import localdate

from gonghui.kit import documents
from gonghui.kit.days import years_before
from gonghui.unions.codes import ChairEmployment, Established
from gonghui.unions.national import FIELDS, Field, Kind

UNION_CODES = "81"
"""So begin the codes of 基层工会 (GB 32100: 8 for unions, 1 for those that are legal persons of the grassroots)."""


class Problem(NamedTuple):
    """A sentence, and the fields at one of which it is told: the first that the form has."""

    fields: tuple[str, ...]
    sentence: str


def check(values: Mapping[str, Any]) -> list[Problem]:
    """Returns the problems of a union's values (as its model has them; the manual's too): those that are empty or unknown
    are not compared.
    """
    return [problem for rule in _RULES for problem in rule(values)]


def check_legal_code(typed: str, employer_code: str) -> str:
    """Returns the code of a union that is a legal person in its normal form. Raises Invalid, for the employer's own, too."""
    code = documents.compact(typed)
    if code and code == employer_code:
        raise documents.Invalid(
            f"代码 {code} 是单位的代码，不是工会的，请填写工会法人资格证书上以 {UNION_CODES} 开头的代码。"
        )
    code = documents.check_uscc(code)
    if not code.startswith(UNION_CODES):
        raise documents.Invalid(
            f"工会法人的代码以 {UNION_CODES} 开头，现在以 {code[:2]} 开头，请对照工会法人资格证书改正。"
        )
    return code


def _ranges(values: Mapping[str, Any]) -> Iterator[Problem]:
    for field in FIELDS.values():
        value = values.get(field.name)
        if field.kind == Kind.NUMBER and value is not None and not field.smallest <= value <= field.largest:
            yield Problem((field.name,), f"{field.label}应在 {field.smallest} 至 {field.largest} 之间，请改正。")


def _legal_code(values: Mapping[str, Any]) -> Iterator[Problem]:
    if typed := values.get("legal_code"):
        try:
            check_legal_code(typed, values.get("code") or "")
        except documents.Invalid as problem:
            yield Problem(("legal_code",), problem.sentence)


def _certificate(values: Mapping[str, Any]) -> Iterator[Problem]:
    issued, until = (values.get(f"certificate_{name}") for name in ("issued_on", "valid_until"))
    if issued:
        yield from _since(FIELDS["certificate_issued_on"], issued, values)
    if issued and until and issued >= until:
        yield Problem(
            ("certificate_valid_until", "certificate_issued_on"),
            f"法人证书有效期至 {until:%Y-%m-%d}，不晚于发证日期 {issued:%Y-%m-%d}，请对照证书核对这两个日期。",
        )


def _since(field: Field, day: date, values: Mapping[str, Any]) -> Iterator[Problem]:
    founded = values.get("founded_on")
    if day > localdate():
        yield Problem((field.name,), f"{field.label} {day:%Y-%m-%d} 晚于今天，请改正。")
    elif founded and day < founded:
        yield Problem(
            (field.name,), f"{field.label} {day:%Y-%m-%d} 早于建会日期 {founded:%Y-%m-%d}，请核对这两个日期。"
        )


def _bodies(values: Mapping[str, Any]) -> Iterator[Problem]:
    for field in FIELDS.values():
        day = values.get(field.name) if field.detail_of else None
        if day and values.get(field.detail_of) == Established.YES:
            yield from _since(field, day, values)
        elif day:
            body = FIELDS[field.detail_of].label
            yield Problem((field.name,), f"填写了{field.label}，“{body}”却没有选“有”。请选择“有”，或者清空日期。")


def _term(values: Mapping[str, Any]) -> Iterator[Problem]:
    years, ends = values.get("term_years"), values.get("reelection_on")
    if years == 4:
        yield Problem(("term_years",), "基层工会每届任期三年或者五年，请填写 3 或 5。")
    elif years and ends and ends > localdate() and years_before(ends, years) > localdate():
        told = f"换届日期 {ends:%Y-%m-%d} 距今天超过任期 {years} 年，请核对任期和换届日期。"
        yield Problem(("term_years",), told)


def _counts(values: Mapping[str, Any]) -> Iterator[Problem]:
    staff = values.get("staff_count")
    for name in ("women_count", "migrant_count", "full_time_officers"):
        count = values.get(name)
        if staff and count and count > staff:
            yield Problem((name,), f"{FIELDS[name].label} {count} 人，多于职工人数 {staff} 人，请核对两者。")


def _chair(values: Mapping[str, Any]) -> Iterator[Problem]:
    if values.get("chair_employment") == ChairEmployment.FULL_TIME and values.get("full_time_officers") == 0:
        yield Problem(("full_time_officers", "chair_employment"), "主席是专职的，专职工会干部数至少是 1，请改正。")


_RULES: list[Callable[[Mapping[str, Any]], Iterator[Problem]]] = [
    _ranges, _legal_code, _certificate, _bodies, _term, _counts, _chair,
]  # fmt: skip
