"""「待办审核」: what waits for a superior union and what it has decided, as lists (SPEC 5.1)."""

import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from gonghui.accounts.models import Role
from gonghui.accounts.request import Request, own_union
from gonghui.kit.forms import row_id
from gonghui.kit.paging import paginate
from gonghui.reviews import queries
from gonghui.reviews.bulk import decide_several as decide_each
from gonghui.reviews.export import export_steps, waiting_days
from gonghui.reviews.forms import DeskFilter, filters_of
from gonghui.reviews.hooks import KINDS
from gonghui.reviews.kinds import asker, matter, subject
from gonghui.reviews.models import ReviewPart, Step
from gonghui.reviews.rules import can_open_desk, can_review
from gonghui.unions.models import Union

WAITING, DONE, BELOW = "待审核清单", "已审核清单", "下级待办清单"


@require_GET
def desk(request: Request) -> HttpResponse:
    """All that waits for this union, oldest first; or, under 「已审核」, what it has decided, newest first."""
    require_desk(request)
    union, done = own_union(request), request.GET.get("tab") == "done"
    filters = filters_of(request.GET, union)
    all_of_tab = queries.decided(request.user) if done else queries.awaited(request.user)
    steps = filters.narrow(all_of_tab).select_related(
        "review__submitted_by", "review__union", "reviewer", "in_place_of"
    )
    page = paginate(request, steps, order=("-decided_at", "-id") if done else ("id",), size=20)
    dress(page.rows)
    context: dict[str, Any] = {
        "page": page,
        "filters": filters,
        "done": done,
        "query": filters.query,
        **tabs(request, "done" if done else "waiting"),
    }
    if not done:
        covering = not request.user.has_role(Role.REVIEWER) and queries.cover_in_force(request.user)
        context |= {"cover": covering, "may_decide": can_review(request.user), "chips": chips(filters, all_of_tab)}
    return render(request, "reviews/desk.html", context, status=filters.status)


@require_POST
def decide_several(request: Request) -> HttpResponse:
    """The ticked ones at once, and what became of them. Approval passes over those whose checks ask for a look."""
    require_desk(request)
    decision = request.POST.get("decision", "")
    if decision not in Step.Decision.values:
        raise Http404
    ids = [pk for text in request.POST.getlist("step") if (pk := row_id(text))]
    outcome = decide_each(ids, decision=decision, opinion=request.POST.get("opinion", ""), by=request.user)
    if outcome.success:
        messages.success(request, outcome.success)
    for remark in outcome.remarks():
        messages.warning(request, remark)
    return redirect(f"{reverse('reviews:desk')}?{filters_of(request.GET, own_union(request)).query}")


@require_POST
def export(request: Request) -> HttpResponseBase:
    """「导出」: the list of the tab, under its filters, as a workbook."""
    require_desk(request)
    steps, title = _exported(request)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "reviews.xlsx"
        export_steps(steps, path, done=title == DONE, title=title, by=request.user)
        name = f"{title}_{timezone.localdate():%Y%m%d}.xlsx"
        return FileResponse(path.open("rb"), as_attachment=True, filename=name)


def _exported(request: Request) -> tuple[QuerySet[Step], str]:
    filters = filters_of(request.GET, own_union(request))
    filters.require()
    if request.GET.get("tab") == "done":
        return filters.narrow(queries.decided(request.user)).order_by("-decided_at", "-id"), DONE
    if request.GET.get("tab") != "below":
        return filters.narrow(queries.awaited(request.user)).order_by("id"), WAITING
    if wanted := request.GET.get("union"):
        return filters.narrow(queries.awaited_by(union_below(request, row_id(wanted)).pk)).order_by("id"), BELOW
    return queries.awaited_below(request.user).order_by("superior", "id"), BELOW


# What the pages beside this one share


def require_desk(request: Request) -> None:
    """Raises Http404 for who has no desk."""
    if not can_open_desk(request.user):
        raise Http404


def union_below(request: Request, pk: int | None) -> Union:
    """A superior union below one's own. Raises Http404."""
    below = Union.objects.visible_to(request.user).superiors().exclude(pk=request.user.union_id)
    return get_object_or_404(below.select_related("superior"), pk=pk)


def dress(steps: Iterable[Any]) -> None:
    """Give each step what its row shows."""
    for step in steps:
        label = KINDS[step.review.kind].label
        step.asker, step.matter, step.subject = asker(step.review), matter(step.review), subject(step.review)
        step.kind_label = label if step.part == ReviewPart.SUPERIOR else f"{label}（{step.get_part_display()}）"
        step.waiting_days = waiting_days(step.review)
        step.lateness = lateness(step.waiting_days)


def tabs(request: Request, tab: str) -> dict[str, Any]:
    """What the row of tabs shows."""
    return {
        "tab": tab,
        "waiting": queries.waiting_count(request.user),
        "has_below": own_union(request).level < 3,
        "late_days": queries.LATE_DAYS,
    }


def chips(filters: DeskFilter, steps: QuerySet[Step]) -> list[dict[str, Any]]:
    """The filters by kind and by lateness, each with its count under the searched name."""
    counts, late = queries.counts_by_kind(filters.named(steps))
    kind, is_late = filters.data.get("kind", ""), bool(filters.data.get("late"))
    kinds = [("", "全部", sum(counts.values())), *((code, KINDS[code].label, counts[code]) for code in sorted(counts))]
    items = [
        {
            "label": label,
            "count": count,
            "query": filters.query_with(kind=code, late=""),
            "on": code == kind and not is_late,
        }
        for code, label, count in kinds
    ]
    label = f"等待 {queries.LATE_DAYS} 天以上"
    return [*items, {"label": label, "count": late, "query": filters.query_with(kind="", late="1"), "on": is_late}]


def lateness(days: int) -> str:
    """The badge's tone for so many days of waiting."""
    return "red" if days >= queries.VERY_LATE_DAYS else "orange" if days >= queries.LATE_DAYS else "grey"
