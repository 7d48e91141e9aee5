"""The tree of unions below the own union, with counts and search (SPEC 5.2)."""

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET

from gonghui.codelists.rules import can_manage_codes
from gonghui.kit.forms import StateFilter
from gonghui.kit.paging import paginate
from gonghui.kit.request import AnyRequest
from gonghui.kit.sorting import sorting_of
from gonghui.unions import queries
from gonghui.unions.forms import UnionFilter
from gonghui.unions.models import Union, UnionState
from gonghui.unions.pages import paginate_named
from gonghui.unions.rules import can_change_tree

SORTS = {"filed": ("id",), "name": ("pinyin", "id"), "members": ("member_count", "id")}


@require_GET
def tree(request: AnyRequest) -> HttpResponse:
    """The own union in the tree, or the search over all unions below it."""
    union = request.user.union
    if union is None or union.is_grassroots:
        raise Http404
    search = UnionFilter(request.GET, user=request.user)
    return _search(request, search) if search.narrows else _node(request, union, search)


@require_GET
def node(request: AnyRequest, pk: int) -> HttpResponse:
    """Another superior union below."""
    if pk == request.user.union_id:
        return redirect(f"{reverse('unions:tree')}?{request.GET.urlencode()}")
    visible = Union.objects.visible_to(request.user).superiors().select_related("superior__superior")
    return _node(request, get_object_or_404(visible, pk=pk), UnionFilter({}, user=request.user))


def _node(request: AnyRequest, union: Union, search: UnionFilter) -> HttpResponse:
    context: dict[str, Any] = {"node": union, "trail": union.trail_from(request.user.union), "search": search}
    context["manages_codes"] = union.superior_id is None and can_manage_codes(request.user)
    context["changes_tree"] = can_change_tree(request.user)
    context["closed"] = union.state == UnionState.DISSOLVED
    context["former_names"] = queries.former_names(union)
    if union.level < 3:
        context["branches"] = queries.branches(union)
        context["total_unions"] = sum(branch.unions for branch in context["branches"])
        context["total_people"] = sum(branch.people for branch in context["branches"])
        context["total_retained"] = sum(branch.retained for branch in context["branches"])
        context["total_waiting"] = sum(branch.waiting for branch in context["branches"])
    else:
        filters = StateFilter(request.GET, UnionState.choices)
        rows = filters.narrow(Union.objects.filter(superior=union).select_related("employer"))
        context["sorting"] = sorting_of(request, SORTS, "filed")
        context["page"] = paginate(request, rows, order=context["sorting"].order, size=20)
        context["filters"], context["state"] = filters, filters.chosen
        context["states"] = [(state.value, state.label) for state in (UnionState.APPROVED, UnionState.DISSOLVED)]
    return render(request, "unions/node.html", context, status=filters.status if union.level == 3 else 200)


def _search(request: AnyRequest, filters: UnionFilter) -> HttpResponse:
    rows = Union.objects.visible_to(request.user).select_related("superior__superior", "employer")
    page = paginate_named(request, filters, rows, order=("id",), size=20)
    context = {"page": page, "filters": filters, "search": filters, "text": filters.data.get("q", "").strip()}
    return render(request, "unions/search.html", context, status=filters.status)
