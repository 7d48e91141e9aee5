"""Who is in a programme: the list with its filters, 已参加 and 未到, buses, signing in by the code of the sheet."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from gonghui.accounts.request import Request
from gonghui.bookings.marks.actions import mark_places
from gonghui.bookings.models import Place
from gonghui.bookings.pages import managed
from gonghui.bookings.programmes.figures import offers
from gonghui.bookings.rosters import actions
from gonghui.bookings.rosters.forms import PeopleFilter
from gonghui.kit.forms import row_ids
from gonghui.kit.paging import paginate
from gonghui.kit.redirects import came_from


@never_cache
@require_GET
def people(request: Request, pk: int) -> HttpResponse:
    """The people of a programme, the newest booking first; looking at them is recorded."""
    programme = managed(request, pk)
    filters = PeopleFilter(request.GET, programme=programme)
    rows = filters.narrow(Place.objects.filter(session__programme=programme))
    rows = rows.select_related("session__venue", "member", "union", "guest_of__member", "booking")
    page = paginate(request, rows, order=("-id",), size=20)
    if page.rows:
        actions.look_at(programme, len(page.rows), by=request.user)
    context = {
        "programme": programme,
        "offer": offers([programme])[0],
        "page": page,
        "filters": filters,
        "query": request.GET.urlencode(),
        "may": True,
        "tab": "people",
    }
    return render(request, "bookings/people.html", context, status=filters.status)


@require_POST
def mark(request: Request, pk: int) -> HttpResponse:
    """「已参加」, 「未到」 or 「安排车次」 for those who are ticked."""
    programme = managed(request, pk)
    ids = list(
        Place.objects.filter(programme=programme, pk__in=row_ids(request.POST.getlist("place"))).values_list(
            "pk", flat=True
        )
    )
    if "bus" in request.POST.getlist("do"):
        count = actions.set_bus(programme, ids, request.POST.get("bus", ""), by=request.user)
        messages.success(request, f"已为 {count} 人安排车次。")
    else:
        came = request.POST.get("do") != "absent"
        changed = mark_places(ids, came=came, by=request.user)
        note = "，已通知所在工会，14 天内可以提出异议" if changed and not came else ""
        messages.success(request, f"已登记 {len(changed)} 人{'已参加' if came else '未到'}{note}。")
    return redirect(came_from(request) or reverse("bookings:people", args=[programme.pk]))


@never_cache
@require_http_methods(["GET", "POST"])
def sign_in(request: Request, code: str) -> HttpResponse:
    """The page that the code of a sign-in sheet opens: who it is, and 「签到」. The code says nothing about the person."""
    place = get_object_or_404(
        Place.objects.select_related("session__venue", "member", "union", "guest_of__member"), code=code
    )
    programme = managed(request, place.programme_id)
    if request.method == "POST":
        actions.sign_in(place, by=request.user)
        messages.success(request, f"{place}已签到。")
        return redirect("bookings:sign_in", code=code)
    actions.look_at(programme, 1, by=request.user)
    return render(request, "bookings/sign_in.html", {"place": place, "programme": programme})
