"""What is missing in whom, and what has been reported: counted by the database, for one union or a page of them."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import BooleanField, Count, ExpressionWrapper, F, Q, QuerySet
from django.urls import reverse

from gonghui.accounts.hooks import WorkItem
from gonghui.accounts.models import User
from gonghui.members.models import Member
from gonghui.national.form import Column, NationalForm
from gonghui.national.member_form import MEMBER_FORM, asked
from gonghui.national.models import MemberReport, UnionReport
from gonghui.national.organisation_form import ORGANISATION_FORM
from gonghui.national.rules import can_export_forms
from gonghui.national.states import PENDING, ReportState
from gonghui.unions.models import Union

INCOMPLETE = "incomplete"
"""Beside the keys of the columns: any of them is empty."""


@dataclass(frozen=True)
class Figures:
    """Of the rows of one union."""

    total: int = 0
    incomplete: int = 0
    reported: int = 0
    returned: int = 0

    @property
    def pending(self) -> int:
        return self.total - self.reported - self.returned


def any_gap(form: NationalForm, fields: Collection[str]) -> Q:
    """The condition that a row lacks something that the form wants."""
    return reduce(or_, form.gaps(fields).values())


def with_version(form: NationalForm, rows: QuerySet[Any]) -> QuerySet[Any]:
    """The rows with the version that they have now, as ``form_version``."""
    return rows.alias(form_version=form.version())


def _is(state: str) -> Q:
    return Q(national_report__state=state, national_report__version=F("form_version"))


def in_state(form: NationalForm, rows: QuerySet[Any], state: str) -> QuerySet[Any]:
    """The rows that are 待报, 已报 or 退回 now."""
    rows = with_version(form, rows)
    known = Q(national_report__isnull=False, national_report__version=F("form_version"))
    return rows.exclude(known) if state == PENDING else rows.filter(_is(state))


def member_figures(unions: Collection[int], fields: Collection[str] | None = None) -> dict[int, Figures]:
    """The members' figures of these unions, by one statement."""
    fields = asked() if fields is None else fields
    members = with_version(MEMBER_FORM, Member.objects.filter(union__in=unions))
    counts = {
        "total": Count("pk"),
        "incomplete": Count("pk", filter=any_gap(MEMBER_FORM, fields)),
        "reported": Count("pk", filter=_is(ReportState.REPORTED)),
        "returned": Count("pk", filter=_is(ReportState.RETURNED)),
    }
    rows = members.order_by().values("union").annotate(**counts).values_list("union", *counts)
    return {union: Figures(*figures) for union, *figures in rows}


def gaps_of(form: NationalForm, rows: QuerySet[Any], fields: Collection[str]) -> list[tuple[Column, int]]:
    """The columns that are empty somewhere in the rows, each with the number of rows, by one statement."""
    conditions = form.gaps(fields)
    counts = rows.aggregate(**{f"n_{key}": Count("pk", filter=condition) for key, condition in conditions.items()})
    by_key = {column.key: column for column in form.columns}
    return [(by_key[key], counts[f"n_{key}"]) for key in conditions if counts[f"n_{key}"]]


def lacking(form: NationalForm, ids: Collection[int]) -> dict[int, list[str]]:
    """The headings of what each of these rows lacks, by one statement."""
    conditions = form.gaps(form.asked())
    headings = {column.key: column.heading for column in form.columns}
    flags = {f"n_{key}": ExpressionWrapper(condition, BooleanField()) for key, condition in conditions.items()}
    rows = form.model._default_manager.filter(pk__in=ids).values("pk", **flags)
    return {row["pk"]: [headings[key] for key in conditions if row[f"n_{key}"]] for row in rows}


def incomplete_unions(ids: Collection[int], fields: Collection[str]) -> set[int]:
    """Those of these unions that lack something of their own form, by one statement."""
    rows = Union.objects.filter(any_gap(ORGANISATION_FORM, fields), pk__in=ids)
    return set(rows.values_list("pk", flat=True))


def union_states(ids: Collection[int]) -> dict[int, str]:
    """What was reported of these unions and still holds, by one statement."""
    rows = with_version(ORGANISATION_FORM, Union.objects.filter(pk__in=ids))
    return dict(rows.filter(national_report__version=F("form_version")).values_list("pk", "national_report__state"))


def union_report(union: Union) -> UnionReport | None:
    """The report of a union's own row, if it still holds."""
    reports = UnionReport.objects.filter(union=union)
    return reports.alias(form_version=ORGANISATION_FORM.version("union")).filter(version=F("form_version")).first()


def narrowed(form: NationalForm, rows: QuerySet[Any], column: str, state: str) -> QuerySet[Any]:
    """The rows with a gap in this column (INCOMPLETE: in any), in this state; "" does not narrow."""
    fields = form.asked()
    if column:
        rows = rows.filter(any_gap(form, fields) if column == INCOMPLETE else form.gaps(fields)[column])
    return in_state(form, rows, state) if state else rows


def work(user: User) -> Iterator[WorkItem]:
    """Yields the members that were returned to the officer's union, for ``accounts.hooks.worklist``."""
    if user.union is None or not user.union.is_grassroots or not can_export_forms(user):
        return
    reports = MemberReport.objects.filter(member__union=user.union, state=ReportState.RETURNED)
    reports = reports.alias(form_version=MEMBER_FORM.version("member")).filter(version=F("form_version"))
    yield WorkItem(
        label="会员信息采集表被退回",
        rows=reports.order_by("pk"),
        since=F("at"),
        menu="national:home",
        url=reverse("national:members", args=[user.union.pk]) + f"?state={ReportState.RETURNED}",
        unit="人",
        button="修改",
    )
