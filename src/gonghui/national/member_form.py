"""《工会会员信息采集表》 (附件四): its 20 columns in the order and with the words of the form.

A mapping says the form's word for each value of ours, in the order of the form. A value that is not there has no word
that is certain: its cell is empty and counts as missing.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from django.db.models import Q

from gonghui.kit.bulk import chunks
from gonghui.kit.choices import Some
from gonghui.members import codes
from gonghui.members.collected import collected, empty
from gonghui.members.fields import FIELDS
from gonghui.members.models import Member, Membership
from gonghui.members.standings import RetainedFor, StandingState
from gonghui.national.form import Column, FormRow, NationalForm, day, distinct, words_of
from gonghui.national.scope import members_below, unions_below
from gonghui.unions.models import Union

SEX = Some({codes.Sex.MALE: "男", codes.Sex.FEMALE: "女"}, others="The form knows no other.")
ETHNICITY = Some(
    {one: one.label for one in codes.Ethnicity if one not in (codes.Ethnicity.OTHER, codes.Ethnicity.NATURALISED)},
    others="The form has the 56 peoples.",
)
EMPLOYMENT = {one: one.label for one in codes.Employment}
DOCUMENT_TYPE = {one: one.label for one in codes.DocumentType}
EDUCATION = {
    codes.Education.DOCTOR: "博士",
    codes.Education.MASTER: "硕士",
    codes.Education.BACHELOR: "本科",
    codes.Education.COLLEGE: "大专",
    codes.Education.VOCATIONAL: "中专",
    codes.Education.SENIOR_SECONDARY: "高中",
    codes.Education.JUNIOR_SECONDARY: "初中",
    codes.Education.PRIMARY: "小学及以下",
}
SKILL_LEVEL = {
    codes.SkillLevel.NONE: "无",
    codes.SkillLevel.SENIOR_TECHNICIAN: "职业资格一级（高级技师）",
    codes.SkillLevel.TECHNICIAN: "二级（技师）",
    codes.SkillLevel.SENIOR: "三级（高级）",
    codes.SkillLevel.INTERMEDIATE: "四级（中级）",
    codes.SkillLevel.JUNIOR: "五级（初级）",
}
HOUSEHOLD = Some(
    {codes.Household.RURAL: "农业户口", codes.Household.URBAN: "非农业户口"},
    others="The form has the two kinds of before 2014; a 居民户 is neither for certain.",
)
POLITICAL_STATUS = {one: one.label for one in codes.PoliticalStatus}
YES_NO = {one: one.label for one in codes.YesNo}

JOINED, CAME, RETAINED, LEFT, EXPELLED, WITHDREW = "入会", "转入", "保留", "转出", "除名", "退会"
CHANGES = (JOINED, CAME, RETAINED, LEFT, EXPELLED, WITHDREW)
REASONS = (
    "劳动（工作）关系发生变化",
    "在本单位下岗后待岗",
    "失业",
    "所在企业破产",
    "个人要求退会",
    "因犯罪被开除会籍",
)
RETAINED_FOR = Some(
    {
        RetainedFor.LAID_OFF: "在本单位下岗后待岗",
        RetainedFor.UNEMPLOYED: "失业",
        RetainedFor.BANKRUPT: "所在企业破产",
    },
    others="The form has no reason for these: an officer chooses one by hand.",
)
_RETAINED_FOR = words_of(RETAINED_FOR)
CAME_BY = (Membership.Reason.TRANSFERRED, Membership.Reason.MERGED)
"""Members who came with their membership. Everybody else has joined."""

CHUNK = 1000
MEMBERS_AT_ONCE = 5000
"""So many members, or one union's, are asked for by one statement."""


class Line(NamedTuple):
    """A member with the change of membership that the form tells."""

    member: Member
    change: str
    changed_on: str
    reason: str
    workplace: str


def _line(member: Member, membership: Membership, asked: Collection[str]) -> Line:
    """Of what the city does not collect nothing is told, whatever the register has of it."""
    joined_on = member.joined_on if "joined_on" in asked else None
    workplace = member.workplace if "workplace" in asked else ""
    # Of whom nothing else is said works at the union's own employer.
    workplace = workplace or member.union.employer.name  # type: ignore[union-attr] # who is listed is in a union
    return Line(member, *change_of(member, membership, joined_on), workplace)


def change_of(member: Member, membership: Membership, joined_on: date | None) -> tuple[str, str, str]:
    """会籍变化类型, 会籍变化日期 and 会籍变化原因 of somebody who is in a union."""
    if member.standing == StandingState.RETAINED:
        return RETAINED, day(member.standing_on), _RETAINED_FOR.get(member.retained_for, "")
    if membership.began_by in CAME_BY:
        return CAME, day(membership.began_on), ""
    return JOINED, day(joined_on or membership.began_on), ""


def _field(name: str, heading: str, words: Mapping[Any, str] | Some[Any, str] | None = None, **more: Any) -> Column:
    """A column that is a field of ours; with ``words``, the form's for its codes."""
    ours = FIELDS[name]
    if words is None:
        return _own(
            name, heading, lambda line: str(ours.value_in(line.member) or ""),
            gap=empty(ours), by_policy=ours.by_policy, **more,
        )  # fmt: skip
    known = words_of(words)
    return _own(
        name, heading, lambda line: known.get(ours.value_in(line.member), ""), values=distinct(known),
        # Of a sealed code the database only sees whether there is one.
        gap=empty(ours) if ours.sealed else ~Q(**{f"{ours.columns[0]}__in": list(known)}),
        by_policy=ours.by_policy, **more,
    )  # fmt: skip


def _own(key: str, heading: str, text: Callable[[Line], str], **more: Any) -> Column:
    return Column(key=key, heading=heading, text=text, **more)


COLUMNS = (
    _field("name", "姓名", width=14),
    _field("sex", "性别", SEX, width=8),
    _own("born_on", "出生日期", lambda line: day(line.member.born_on), gap=Q(born_on=None), width=14),
    _field("ethnicity", "民族", ETHNICITY),
    _field("employment", "就业状况", EMPLOYMENT, width=14),
    _field("document_type", "有效证件类别", DOCUMENT_TYPE, width=26),
    _field("document_number", "证件号码", width=24),
    _field("education", "学历", EDUCATION),
    _field("skill_level", "技术等级", SKILL_LEVEL, width=26),
    _field("mobile", "移动电话", width=16),
    _field("household", "户籍类型", HOUSEHOLD, width=14),
    _field("household_place", "户籍所在地", width=30),
    _own("change", "会籍变化类型", lambda line: line.change, values=CHANGES, width=14),
    _own("changed_on", "会籍变化日期", lambda line: line.changed_on, width=14),
    _own(
        "change_reason", "会籍变化原因", lambda line: line.reason, values=REASONS, width=26,
        needed=lambda line: line.change == RETAINED,
        gap=Q(standing=StandingState.RETAINED) & ~Q(retained_for__in=list(_RETAINED_FOR)),
    ),
    _field("political_status", "政治面貌", POLITICAL_STATUS, width=16),
    _own("workplace", "工作单位", lambda line: line.workplace, width=34),
    _field("native_place", "籍贯", width=18),
    _field("migrant_worker", "是否农民工会员", YES_NO, width=16),
)  # fmt: skip


def asked() -> frozenset[str]:
    """The fields that are collected now."""
    return frozenset(collected().names)


def rows(node: Union, fields: Collection[str]) -> Iterator[FormRow]:
    """The form's rows by union, in the tree's order, then by member; memory does not grow with them."""
    for unions in _groups(node):
        order = ("union__level2", "union__level3", "union", "pk")
        members = Member.objects.filter(union__in=unions).select_related("union__employer").order_by(*order)
        read = members.annotate(form_version=MEMBER_FORM.version()).iterator(chunk_size=CHUNK)
        for chunk in chunks(read, CHUNK):
            open_ones = Membership.objects.filter(member__in=[member.pk for member in chunk], ended_on=None)
            memberships = {membership.member_id: membership for membership in open_ones}
            for member in chunk:
                line = _line(member, memberships[member.pk], fields)
                yield MEMBER_FORM.row(member.pk, member.form_version, line, fields)


def _groups(node: Union) -> Iterator[list[int]]:
    """The unions in their order, so many at a time as have few members together."""
    unions = unions_below(node).filter(member_count__gt=0).order_by("level2", "level3", "pk")
    ids: list[int] = []
    members = 0
    for pk, count in unions.values_list("pk", "member_count"):
        if ids and members + count > MEMBERS_AT_ONCE:
            yield ids
            ids, members = [], 0
        ids.append(pk)
        members += count
    if ids:
        yield ids


def expected(node: Union) -> int:
    """How many rows there will be, by the unions' own counters."""
    return sum(unions_below(node).values_list("member_count", flat=True))


_COLUMNS: Sequence[str] = (
    "union_id", "name", "sex", "born_on", "ethnicity_sealed", "employment", "document_type", "document_sealed",
    "education", "skill_level", "mobile_sealed", "household", "household_place_sealed", "joined_on", "standing",
    "standing_on", "retained_for", "political_status_sealed", "workplace", "native_place_sealed", "migrant_worker",
)  # fmt: skip

MEMBER_FORM = NationalForm(
    title="工会会员信息采集表",
    annex="附件四",
    heads=("填表单位（盖章）：{union}", "单位负责人（签字）："),
    columns=COLUMNS,
    rows=rows,
    expected=expected,
    asked=asked,
    versions=_COLUMNS,
    stored=[f"target.{column}" for column in _COLUMNS],
    model=Member,
    rows_below=members_below,
)
