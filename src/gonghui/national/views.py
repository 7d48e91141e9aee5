"""「信息采集表」: what is missing in whom and what has been reported, by union and by member (SPEC 3.10)."""

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from gonghui.accounts.request import Request, own_union
from gonghui.kit.paging import paginate
from gonghui.members.models import Member
from gonghui.members.rules import can_add_members
from gonghui.national import queries
from gonghui.national.forms import RowFilter
from gonghui.national.member_form import MEMBER_FORM
from gonghui.national.organisation_form import ORGANISATION_FORM
from gonghui.national.queries import INCOMPLETE
from gonghui.national.rules import can_export_forms, can_read_organisation, can_see_forms
from gonghui.national.scope import unions_below
from gonghui.national.states import PENDING, STATES, ReportState
from gonghui.unions.forms import NameFilter
from gonghui.unions.models import Union
from gonghui.unions.pages import paginate_named


@require_GET
def home(request: Request) -> HttpResponse:
    """An officer's own union; of a superior the unions below, each with its figures."""
    own = require_seeing(request)
    if own.is_grassroots:
        return _union_page(request, own)
    filters = NameFilter(request.GET)
    rows = unions_below(own).select_related("superior")
    page = paginate_named(request, filters, rows, order=("pinyin", "id"), size=20)
    fields, of_unions = MEMBER_FORM.asked(), ORGANISATION_FORM.asked()
    ids = [union.pk for union in page.rows]
    members = queries.member_figures(ids, fields)
    states, gaps = queries.union_states(ids), queries.incomplete_unions(ids, of_unions)
    context = {
        "filters": filters,
        "page": page,
        "rows": [
            {
                "union": union,
                "members": members.get(union.pk, queries.Figures()),
                "state": states.get(union.pk, PENDING),
                "label": STATES[states.get(union.pk, PENDING)],
                "incomplete": union.pk in gaps,
            }
            for union in page.rows
        ],
        "may_export": can_export_forms(request.user),
        "not_collected": [*MEMBER_FORM.not_collected(fields), *ORGANISATION_FORM.not_collected(of_unions)],
    }
    return render(request, "national/unions.html", context, status=filters.status)


@require_GET
def union(request: Request, pk: int) -> HttpResponse:
    """One union: what its members and itself lack, by column."""
    require_seeing(request)
    return _union_page(request, _union(request, pk))


def _union(request: Request, pk: int) -> Union:
    visible = Union.objects.visible_to(request.user).filter(pk__in=unions_below(own_union(request)))
    return get_object_or_404(visible.select_related("employer", "superior"), pk=pk)


def _union_page(request: Request, union: Union) -> HttpResponse:
    rows, fields, of_unions = Member.objects.filter(union=union), MEMBER_FORM.asked(), ORGANISATION_FORM.asked()
    report = queries.union_report(union)
    context: dict[str, Any] = {
        "union": union,
        "own": union.pk == request.user.union_id,
        "figures": queries.member_figures([union.pk], fields).get(union.pk, queries.Figures()),
        "gaps": queries.gaps_of(MEMBER_FORM, rows, fields),
        "any_gap": INCOMPLETE,
        "state": report.state if report else PENDING,
        "label": STATES[report.state if report else PENDING],
        "report": report,
        "lacking": queries.gaps_of(ORGANISATION_FORM, Union.objects.filter(pk=union.pk), of_unions),
        "may_export": can_export_forms(request.user) and union.pk == request.user.union_id,
        "may_read": can_read_organisation(request.user),
        "may_amend": can_add_members(request.user, union),
        "not_collected": MEMBER_FORM.not_collected(fields),
        "union_not_collected": ORGANISATION_FORM.not_collected(of_unions),
    }
    return render(request, "national/union.html", context)


@never_cache
@require_GET
def members(request: Request, pk: int) -> HttpResponse:
    """The union's members with a gap, or in a state of the report, each with what is missing and why it was returned."""
    require_seeing(request)
    union = _union(request, pk)
    filters = RowFilter(request.GET, MEMBER_FORM)
    rows = filters.narrow(Member.objects.filter(union=union)).select_related("national_report")
    page = paginate(request, rows.annotate(now=MEMBER_FORM.version()), order=("id",), size=20)
    lacking = queries.lacking(MEMBER_FORM, [member.pk for member in page.rows])
    lines = []
    for member in page.rows:
        report = getattr(member, "national_report", None)
        state = report.state if report and report.version == member.now else PENDING
        reason = report.reason if report and state == ReportState.RETURNED else ""
        lines.append({
            "member": member, "state": state, "label": STATES[state], "reason": reason, "lacking": lacking[member.pk],
        })  # fmt: skip
    context = {
        "union": union,
        "own": union.pk == request.user.union_id,
        "filters": filters,
        "page": page,
        "lines": lines,
        "may_edit": can_add_members(request.user, union),
    }
    return render(request, "national/members.html", context, status=filters.status)


def require_seeing(request: Request) -> Union:
    """Returns the user's union. Raises Http404 for whom the forms do not exist."""
    union = own_union(request)
    if not can_see_forms(request.user):
        raise Http404
    return union
