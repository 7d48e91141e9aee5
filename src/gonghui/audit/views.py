"""「审计查询」: who did what, when and from where (SPEC 7.2)."""

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from gonghui.audit.forms import EntryFilter
from gonghui.audit.models import Entry
from gonghui.audit.pages import in_words
from gonghui.audit.rules import can_search
from gonghui.kit.paging import paginate
from gonghui.kit.request import AnyRequest
from gonghui.kit.sorting import sorting_of


@require_GET
def search(request: AnyRequest) -> HttpResponse:
    """The newest entries first, for the city's platform administrators. An invalid filter finds nothing."""
    if not can_search(request.user):
        raise Http404
    filters = EntryFilter(request.GET)
    entries = filters.narrow(Entry.objects.visible_to(request.user)).select_related("actor__union")
    sorting = sorting_of(request, {"at": ("at", "id")}, "-at")
    page = paginate(request, entries, order=sorting.order, size=50)
    context = {"page": page, "sorting": sorting, "lines": in_words(page.rows), "filters": filters}
    return render(request, "audit/search.html", context, status=filters.status)
