"""「当天名单」 of a 体检机构: who comes on a day, 已检 and 未检, never a result (SPEC 6.7)."""

from itertools import groupby

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.timezone import localdate
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from gonghui.accounts.request import Request
from gonghui.bookings.marks.actions import mark_places
from gonghui.bookings.providers.forms import DayFilter
from gonghui.bookings.providers.queries import days_of, people_of
from gonghui.bookings.rosters.actions import look_at
from gonghui.kit.forms import row_ids
from gonghui.kit.paging import paginate
from gonghui.kit.redirects import came_from


def _require_provider(request: Request) -> None:
    if not request.user.is_provider:
        raise Http404


@never_cache
@require_GET
def roster(request: Request) -> HttpResponse:
    """The people of one day, numbers masked; each look is recorded with the programme it is of."""
    _require_provider(request)
    days = days_of(request.user)
    filters = DayFilter(request.GET, days=days)
    rows = filters.narrow(people_of(request.user))
    rows = rows.select_related("session__venue", "programme__publisher", "member", "guest_of__member", "package")
    page = paginate(request, rows, order=("id",), size=20)
    by_programme = sorted(page.rows, key=lambda place: place.programme_id)
    for _, places in groupby(by_programme, key=lambda place: place.programme_id):
        seen = list(places)
        look_at(seen[0].programme, seen, by=request.user)
    day = filters.cleaned_data.get("day") or localdate()
    context = {"page": page, "filters": filters, "days": days, "day": day, "begun": day <= localdate()}
    return render(request, "bookings/roster.html", context, status=filters.status)


@require_POST
def mark(request: Request) -> HttpResponse:
    """「已检」 or 「未检」 for those who are ticked; the one may be changed into the other."""
    _require_provider(request)
    ticked = people_of(request.user).filter(pk__in=row_ids(request.POST.getlist("place")))
    ids = list(ticked.values_list("pk", flat=True))
    came = request.POST.get("do") != "absent"
    changed = mark_places(ids, came=came, by=request.user)
    messages.success(request, f"已登记 {len(changed)} 人{'已检' if came else '未检'}。")
    return redirect(came_from(request) or reverse("bookings:roster"))
