"""「待办审核」: the pending and the decided requests of a superior union, as lists (SPEC 5.1)."""

import tempfile
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from gonghui.accounts.models import Role
from gonghui.accounts.request import Request, own_union
from gonghui.kit.errors import Refused
from gonghui.kit.forms import row_id, row_ids
from gonghui.kit.paging import paginate
from gonghui.kit.sorting import sorting_of
from gonghui.reviews import bulk, presence, queries
from gonghui.reviews.export import export_steps, waiting_days
from gonghui.reviews.forms import DeskFilter, filters_of
from gonghui.reviews.hooks import KINDS
from gonghui.reviews.kinds import asker, matter, subject
from gonghui.reviews.models import BulkDecision, BulkState, ReviewPart, Step
from gonghui.reviews.rules import can_open_desk, can_review
from gonghui.unions.models import Union

AWAITED, DECIDED = {"submitted": ("id",)}, {"decided": ("decided_at", "id")}
WAITING, DONE, BELOW = "待审核清单", "已审核清单", "下级待办清单"


@require_GET
def desk(request: Request) -> HttpResponse:
    """Lists the union's pending requests, oldest first; or, under 「已审核」, the decided ones, newest first."""
    require_desk(request)
    union, done = own_union(request), request.GET.get("tab") == "done"
    filters = filters_of(request.GET, union)
    all_of_tab = queries.decided(request.user) if done else queries.awaited(request.user)
    steps = filters.narrow(all_of_tab).select_related(
        "review__submitted_by", "review__union", "reviewer", "in_place_of"
    )
    sorting = sorting_of(request, DECIDED, "-decided") if done else sorting_of(request, AWAITED, "submitted")
    page = paginate(request, steps, order=sorting.order, size=20)
    dress(page.rows)
    context: dict[str, Any] = {
        "page": page,
        "sorting": sorting,
        "filters": filters,
        "done": done,
        "query": filters.query,
        **tabs(request, "done" if done else "waiting"),
    }
    if not done:
        others = presence.present([step.review_id for step in page.rows], request.user)
        for step in page.rows:
            step.looked_at_by = others.get(step.review_id)
        bulks = list(bulk.open_decisions().filter(superior=union).select_related("by").order_by("pk"))
        context |= {"bulks": bulks, "applying": any(one.state == BulkState.APPLYING for one in bulks)}
        decided = BulkDecision.objects.filter(
            superior=union, by=request.user, pk=row_id(request.GET.get("decided")) or 0
        )
        context["decided"] = decided.first()
        covering = not request.user.has_role(Role.REVIEWER) and queries.cover_in_force(request.user)
        context |= {"cover": covering, "may_decide": can_review(request.user), "chips": chips(filters, all_of_tab)}
    return render(request, "reviews/desk.html", context, status=filters.status)


@require_POST
def decide_several(request: Request) -> HttpResponse:
    """Decides the ticked requests: first shows the plan by kind; after confirmation, decides."""
    require_desk(request)
    decision = request.POST.get("decision", "")
    if decision not in Step.Decision.values:
        raise Http404
    ids, opinion, query = row_ids(request.POST.getlist("step")), request.POST.get("opinion", ""), _query(request)
    refused = None
    if "sure" in request.POST:
        try:
            decided = bulk.decide_several(ids, decision=decision, opinion=opinion, by=request.user)
        except Refused as refusal:
            refused = refusal
        else:
            return redirect(f"{reverse('reviews:desk')}?{query}&decided={decided.pk}")
    context = {
        "plan": bulk.plan(ids, decision=decision, by=request.user),
        "decision": decision,
        "approves": decision == Step.Decision.APPROVED,
        "opinion": opinion,
        "minutes": bulk.grace() // timedelta(minutes=1),
        "refused": refused,
        "query": query,
    }
    return render(request, "reviews/several.html", context, status=409 if refused else 200)


@require_POST
def change_bulk(request: Request, pk: int) -> HttpResponse:
    """「撤回决定」 or 「立即生效」."""
    require_desk(request)
    decided = get_object_or_404(BulkDecision, pk=pk, superior=request.user.union_id)
    if request.POST.get("act") == "take_back":
        count = bulk.take_back(decided, by=request.user)
        messages.success(request, f"已撤回决定，{count} 件申请回到待审核。")
    elif request.POST.get("act") == "hasten":
        bulk.hasten(decided, by=request.user)
        messages.success(request, "已要求立即生效；没有处理的会在通知中说明。")
    else:
        raise Http404
    return redirect(f"{reverse('reviews:desk')}?{_query(request)}")


@never_cache
@require_GET
def fit(request: Request) -> JsonResponse:
    """Returns the ids of the pending steps under the filters, for 「全选」 across pages; at most one bulk decision's."""
    require_desk(request)
    steps = filters_of(request.GET, own_union(request)).narrow(queries.awaited(request.user)).order_by("pk")
    return JsonResponse({"ids": list(steps.values_list("pk", flat=True)[: bulk.MAX_AT_ONCE])})


def _query(request: Request) -> str:
    return filters_of(request.GET, own_union(request)).query


@require_POST
def export(request: Request) -> HttpResponseBase:
    """「导出」: returns the filtered list of the tab as a workbook."""
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


# Shared with the pages beside this one


def require_desk(request: Request) -> None:
    """Raises Http404 for a user without a desk."""
    if not can_open_desk(request.user):
        raise Http404


def union_below(request: Request, pk: int | None) -> Union:
    """Returns a superior union below the user's own. Raises Http404."""
    below = Union.objects.visible_to(request.user).superiors().exclude(pk=request.user.union_id)
    return get_object_or_404(below.select_related("superior"), pk=pk)


def dress(steps: Iterable[Any]) -> None:
    """Sets on each step what its row shows."""
    for step in steps:
        label = KINDS[step.review.kind].label
        step.asker, step.matter, step.subject = asker(step.review), matter(step.review), subject(step.review)
        step.kind_label = label if step.part == ReviewPart.SUPERIOR else f"{label}（{step.get_part_display()}）"
        step.waiting_days = waiting_days(step.review)
        step.lateness = lateness(step.waiting_days)


def tabs(request: Request, tab: str) -> dict[str, Any]:
    """Returns the context of the row of tabs."""
    return {
        "tab": tab,
        "waiting": queries.waiting_count(request.user),
        "has_below": own_union(request).level < 3,
        "late_days": queries.LATE_DAYS,
    }


def chips(filters: DeskFilter, steps: QuerySet[Step]) -> list[dict[str, Any]]:
    """Returns the filters by kind and by lateness, each with its count under the searched name."""
    counts, late, clean = queries.counts_by_kind(filters.named(steps))
    kind, is_late, is_clean = (
        filters.data.get("kind", ""),
        bool(filters.data.get("late")),
        filters.data.get("no_doubts"),
    )
    kinds = [("", "全部", sum(counts.values())), *((code, KINDS[code].label, counts[code]) for code in sorted(counts))]
    items = [
        {
            "label": label,
            "count": count,
            "query": filters.query_with(kind=code),
            "on": code == kind,
        }
        for code, label, count in kinds
    ]
    label = f"等待 {queries.LATE_DAYS} 天以上"
    query = filters.query_with
    return [
        *items,
        {
            "label": "核查无疑点",
            "count": clean,
            "query": query(no_doubts="" if is_clean else "1"),
            "on": bool(is_clean),
        },
        {"label": label, "count": late, "query": query(late="" if is_late else "1"), "on": is_late},
    ]


def lateness(days: int) -> str:
    """Returns the badge's tone for days of waiting."""
    return "red" if days >= queries.VERY_LATE_DAYS else "orange" if days >= queries.LATE_DAYS else "grey"
