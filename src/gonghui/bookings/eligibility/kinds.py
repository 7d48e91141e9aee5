"""The conditions that a programme may ask for (SPEC 6.2): parameters, words, and one condition in SQL of each.

The same condition counts who could come and decides who may. What no column holds is stated by the officer (``Stated``)
and is a condition on the ids for whom it was stated; it cannot be counted before.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Exists, OuterRef, Q

from gonghui.bookings.codes import RuleKind, Stated
from gonghui.bookings.models import LedgerEntry
from gonghui.codelists.queries import label
from gonghui.kit.days import age_on, months_before, years_before
from gonghui.kit.errors import Refused
from gonghui.members.codes import HonourLevel, NewEmployment, Sex, YesNo
from gonghui.unions.levels import LEVEL, UnionKind
from gonghui.unions.models import Union

Parameters = Mapping[str, Any]
Facts = Mapping[str, Any]
"""Columns of one member, as `queries.COLUMNS` has them."""


@dataclass(frozen=True)
class Asked:
    """For what and when it is asked: the kind and year of the programme, today, and what was stated of whom."""

    kind: str
    year: int
    today: date
    stated: Mapping[str, Sequence[int]] = field(default_factory=dict)
    unions: Mapping[int, str] = field(default_factory=dict)
    """The names of districts and bureaus that rules name."""


@dataclass(frozen=True)
class RuleSpec:
    """A kind of rule. ``clean`` checks parameters and raises Refused; ``said`` is the rule in words; ``value`` what the
    member has. ``countable``: whether columns of the register decide."""

    clean: Callable[[Parameters], dict[str, Any]]
    said: Callable[[Parameters, Asked], str]
    condition: Callable[[Parameters, Asked], Q]
    value: Callable[[Facts, Parameters, Asked], str]
    countable: bool = True


def _whole(parameters: Parameters, name: str, words: str, low: int, high: int) -> int:
    """A whole number within bounds. Raises Refused in the words of the field."""
    value = parameters.get(name)
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise Refused(f"「{words}」请填写 {low} 至 {high} 之间的整数。", field=name)
    return value


def _several(parameters: Parameters, name: str, words: str, allowed: Sequence[str]) -> list[str]:
    """One or more of the allowed values. Raises Refused for none, or for another one."""
    values = parameters.get(name)
    if not isinstance(values, list) or not values or any(value not in allowed for value in values):
        raise Refused(f"「{words}」请至少选择一项。", field=name)
    return [value for value in allowed if value in values]


def _unless(parameters: Parameters) -> dict[str, list[str]]:
    return {"unless": ["blood_donor"]} if parameters.get("unless") else {}


def _excepted(parameters: Parameters, asked: Asked) -> Q:
    """Those who are excepted, if the rule has exceptions."""
    if not parameters.get("unless"):
        return Q(pk__in=[])
    return Q(pk__in=asked.stated.get(Stated.BLOOD_DONOR, []))


def _exception_said(parameters: Parameters) -> str:
    return "，献血者除外" if parameters.get("unless") else ""


def _none(parameters: Parameters) -> dict[str, Any]:
    return {}


def _ages(parameters: Parameters) -> dict[str, Any]:
    low, high = (
        _whole(parameters, name, words, 16, 100) for name, words in (("low", "最小年龄"), ("high", "最大年龄"))
    )
    if high < low:
        raise Refused("最大年龄不能小于最小年龄。", field="high")
    return {"low": low, "high": high}


def _cycle(parameters: Parameters) -> dict[str, Any]:
    first = _whole(parameters, "first", "周期开始年度", 1990, 2100)
    last = _whole(parameters, "last", "周期结束年度", 1990, 2100)
    if last < first:
        raise Refused("周期的结束年度不能早于开始年度。", field="last")
    return {"first": first, "last": last, **_unless(parameters)}


def _retirement(parameters: Parameters) -> dict[str, Any]:
    return {
        "male": _whole(parameters, "male", "男性退休年龄", 50, 70),
        "female": _whole(parameters, "female", "女性退休年龄", 45, 70),
        "years": _whole(parameters, "years", "距退休年数", 1, 15),
    }


def _level2s(parameters: Parameters) -> dict[str, Any]:
    ids = parameters.get("unions")
    kinds = [kind for kind in UnionKind if LEVEL[kind] == 2]
    known = set(Union.objects.filter(pk__in=ids or [], kind__in=kinds).values_list("pk", flat=True))
    if not ids or set(ids) != known:
        raise Refused("「区或产业局」请至少选择一个。", field="unions")
    return {"unions": sorted(known)}


def _yes(value: object) -> str:
    return "是" if value else "否"


def _born_between(low: int, high: int, today: date) -> Q:
    """Those of whole years from ``low`` to ``high`` today."""
    return Q(born_on__gt=years_before(today, high + 1), born_on__lte=years_before(today, low))


def _age(facts: Facts, asked: Asked) -> str:
    return f"{age_on(facts['born_on'], asked.today)} 周岁" if facts["born_on"] else "出生日期未登记"


def _last_been(facts: Facts) -> str:
    return f"最近一次 {facts['last_year']}年" if facts["last_year"] else "从未参加"


def _excused(facts: Facts, parameters: Parameters, asked: Asked) -> str:
    donor = parameters.get("unless") and facts["pk"] in asked.stated.get(Stated.BLOOD_DONOR, ())
    return _last_been(facts) + ("，已说明献血" if donor else "")


def _been_within(parameters: Parameters, asked: Asked) -> Exists:
    entries = LedgerEntry.objects.been().filter(member=OuterRef("pk"), kind=asked.kind)
    return Exists(entries.filter(year__range=(parameters["first"], parameters["last"])))


def _near_retirement(parameters: Parameters, asked: Asked) -> Q:
    """Male and female, from so many years before retirement; never been."""
    near = Q(pk__in=[])
    for sex in (Sex.MALE, Sex.FEMALE):
        near |= Q(sex=sex, born_on__lte=years_before(asked.today, parameters[sex] - parameters["years"]))
    return near & Q(last_year=None)


KINDS: dict[RuleKind, RuleSpec] = {
    RuleKind.CARD: RuleSpec(
        clean=_none,
        said=lambda parameters, asked: "已办会员服务卡",
        condition=lambda parameters, asked: Q(has_card=True),
        value=lambda facts, parameters, asked: _yes(facts["has_card"]),
    ),
    RuleKind.MEMBER_MONTHS: RuleSpec(
        clean=lambda parameters: {"months": _whole(parameters, "months", "入会月数", 1, 600)},
        said=lambda parameters, asked: f"在本工会满 {parameters['months']} 个月",
        condition=lambda parameters, asked: Q(since__lte=months_before(asked.today, parameters["months"])),
        value=lambda facts, parameters, asked: f"{facts['since']} 加入" if facts["since"] else "未加入",
    ),
    RuleKind.LEVEL2S: RuleSpec(
        clean=_level2s,
        said=lambda parameters, asked: f"属于{'、'.join(asked.unions.get(pk, '') for pk in parameters['unions'])}",
        condition=lambda parameters, asked: Q(union__level2__in=parameters["unions"]),
        value=lambda facts, parameters, asked: facts["level2"] or "",
    ),
    RuleKind.AGE: RuleSpec(
        clean=_ages,
        said=lambda parameters, asked: f"年龄 {parameters['low']} 至 {parameters['high']} 周岁",
        condition=lambda parameters, asked: _born_between(parameters["low"], parameters["high"], asked.today),
        value=lambda facts, parameters, asked: _age(facts, asked),
    ),
    RuleKind.SEX: RuleSpec(
        clean=lambda parameters: {"sexes": _several(parameters, "sexes", "性别", [Sex.MALE, Sex.FEMALE])},
        said=lambda parameters, asked: f"性别：{'、'.join(label(Sex, sex) for sex in parameters['sexes'])}",
        condition=lambda parameters, asked: Q(sex__in=parameters["sexes"]),
        value=lambda facts, parameters, asked: label(Sex, facts["sex"]),
    ),
    RuleKind.MODEL_WORKER: RuleSpec(
        clean=_none,
        said=lambda parameters, asked: "劳模或先进工作者",
        condition=lambda parameters, asked: ~Q(honour_level__in=["", HonourLevel.NONE]),
        value=lambda facts, parameters, asked: label(HonourLevel, facts["honour_level"]) or "未登记",
    ),
    RuleKind.FRONT_LINE: RuleSpec(
        clean=_none,
        said=lambda parameters, asked: "一线职工（由经办人说明）",
        condition=lambda parameters, asked: Q(pk__in=asked.stated.get(Stated.FRONT_LINE, [])),
        value=lambda facts, parameters, asked: (
            "已说明" if facts["pk"] in asked.stated.get(Stated.FRONT_LINE, ()) else "未说明"
        ),
        countable=False,
    ),
    RuleKind.MIGRANT_WORKER: RuleSpec(
        clean=_none,
        said=lambda parameters, asked: "农民工",
        condition=lambda parameters, asked: Q(migrant_worker=YesNo.YES),
        value=lambda facts, parameters, asked: label(YesNo, facts["migrant_worker"]) or "未登记",
    ),
    RuleKind.NEW_EMPLOYMENT: RuleSpec(
        clean=_none,
        said=lambda parameters, asked: "新就业形态劳动者",
        condition=lambda parameters, asked: ~Q(new_employment__in=["", NewEmployment.NONE]),
        value=lambda facts, parameters, asked: label(NewEmployment, facts["new_employment"]) or "未登记",
    ),
    RuleKind.NEAR_RETIREMENT: RuleSpec(
        clean=_retirement,
        said=lambda parameters, asked: (
            f"距退休不超过 {parameters['years']} 年（男 {parameters['male']}、女 {parameters['female']} 周岁）且从未参加"
        ),
        condition=_near_retirement,
        value=lambda facts, parameters, asked: f"{_age(facts, asked)}，{_last_been(facts)}",
    ),
    RuleKind.NOT_WITHIN_YEARS: RuleSpec(
        clean=lambda parameters: {"years": _whole(parameters, "years", "年数", 1, 50), **_unless(parameters)},
        said=lambda parameters, asked: f"{parameters['years']} 年内未参加过{_exception_said(parameters)}",
        condition=lambda parameters, asked: (
            Q(last_year=None) | Q(last_year__lte=asked.year - parameters["years"]) | _excepted(parameters, asked)
        ),
        value=_excused,
    ),
    RuleKind.NOT_IN_CYCLE: RuleSpec(
        clean=_cycle,
        said=lambda parameters, asked: (
            f"{parameters['first']}—{parameters['last']} 年度内未参加过{_exception_said(parameters)}"
        ),
        condition=lambda parameters, asked: ~Q(_been_within(parameters, asked)) | _excepted(parameters, asked),
        value=_excused,
    ),
}
