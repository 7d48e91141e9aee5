"""What leaves the roster: workbooks, the insurance list, the sign-in sheet with its codes, a calendar file."""

import tempfile
from collections.abc import Callable
from datetime import datetime, time, timedelta
from pathlib import Path

import segno
from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.timezone import get_current_timezone, localdate
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods
from icalendar import Calendar, Event

from gonghui.accounts.request import Request
from gonghui.bookings.models import Booking, Place, Programme
from gonghui.bookings.pages import form_page, managed
from gonghui.bookings.rosters import actions
from gonghui.bookings.rosters.columns import COLUMNS
from gonghui.bookings.rosters.export import InsuranceExport
from gonghui.bookings.rosters.forms import InsuranceForm, PeopleFilter, RosterForm
from gonghui.bookings.states import PlaceState
from gonghui.exports.actions import ask as ask_export
from gonghui.kit.errors import Refused
from gonghui.kit.forms import refused_into
from gonghui.policies.queries import of_union

MOST_CODES = 300
"""The most people of one sign-in sheet: some pages of paper, and a second of drawing."""


@never_cache
@require_http_methods(["GET", "POST"])
def export(request: Request, pk: int) -> HttpResponseBase:
    """「导出名单」: the columns are chosen, and empty ones added to write in."""
    programme, rows = _listed(request, pk)
    usual = [name for name, column in COLUMNS.items() if column.usual]
    form = RosterForm(request.POST or None, initial={"columns": usual})
    if form.is_valid():
        with refused_into(form):
            return _sent(
                f"{programme}_名单",
                lambda path: actions.export_roster(programme, rows, path, **form.cleaned_data, by=request.user),
            )
    return form_page(
        request,
        form,
        programme,
        title="导出名单",
        button="导出 Excel",
        note="号码遮盖。导出的是名单中现在查询到的人员，记入审计。",
        back=_people(programme),
    )


@never_cache
@require_http_methods(["GET", "POST"])
def insurance(request: Request, pk: int) -> HttpResponse:
    """「保险名单」: full numbers, with the reason; it leaves by `exports`."""
    programme, _ = _listed(request, pk)
    form = InsuranceForm(request.POST or None)
    if form.is_valid():
        what = {"programme": programme.pk, "query": request.GET.urlencode()}
        with refused_into(form):
            export = ask_export(InsuranceExport.key, what, purpose=form.cleaned_data["purpose"], by=request.user)
            return redirect("exports:export", export.pk)
    alone = of_union("export_alone_rows", programme.publisher)
    return form_page(
        request,
        form,
        programme,
        title="保险名单",
        button="导出 Excel",
        warning="名单含完整的证件号码，只给承保的机构使用，用后删除。导出人、时间和用途写入文件，也记入审计。",
        note=f"名单在后台生成，保留 24 小时；超过 {alone:,} 行的，先由本工会另一位同事批准。",
        back=_people(programme),
    )


def _listed(request: Request, pk: int) -> tuple[Programme, QuerySet[Place]]:
    """The people whom the list shows by its address."""
    programme = managed(request, pk)
    filters = PeopleFilter(request.GET, programme=programme)
    filters.require()
    return programme, filters.narrow(Place.objects.filter(session__programme=programme))


def _people(programme: Programme) -> str:
    return reverse("bookings:people", args=[programme.pk])


def _sent(name: str, write: Callable[[Path], int]) -> FileResponse:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "roster.xlsx"
        write(path)
        return FileResponse(path.open("rb"), as_attachment=True, filename=f"{name}_{localdate():%Y%m%d}.xlsx")


@never_cache
@require_GET
def sign_in_sheet(request: Request, pk: int) -> HttpResponse:
    """「签到表」, to be printed: each person with a code that leads to his or her signing in."""
    programme, rows = _listed(request, pk)
    rows = rows.filter(state__in=[PlaceState.BOOKED, PlaceState.ATTENDED])
    rows = rows.select_related("session__venue", "member", "union", "guest_of__member")
    places = list(
        rows.order_by("session__begins_on", "session_id", "bus", "union_id", "booking_id", "order")[: MOST_CODES + 1]
    )
    if len(places) > MOST_CODES:
        raise Refused(f"一张签到表最多 {MOST_CODES} 人，请先在名单中按班次或车次查询，再打印。")
    if not places:
        raise Refused("没有已约上的人员，不用打印签到表。")
    actions.look_at(programme, places, by=request.user)
    codes = [
        (place, _code(request.build_absolute_uri(reverse("bookings:sign_in", args=[place.code])))) for place in places
    ]
    return render(request, "bookings/sign_in_sheet.html", {"programme": programme, "codes": codes})


def _code(address: str) -> SafeString:
    """The QR code as a drawing in the page; decoration, the name stands beside it."""
    return mark_safe(segno.make(address, error="m").svg_inline(scale=2, border=2, omitsize=True))  # noqa: S308 (drawn here)


@require_GET
def calendar(request: Request, pk: int) -> HttpResponse:
    """「加入日历」: the session of a booking as a calendar file, without a person's name."""
    bookings = Booking.objects.visible_to(request.user).select_related("session__venue", "programme__publisher")
    booking = get_object_or_404(bookings, pk=pk)
    if not booking.places.holding().exists():
        raise Http404
    response = HttpResponse(_event(booking).to_ical(), content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{booking.number}.ics"'
    return response


def _event(booking: Booking) -> Calendar:
    session, programme = booking.session, booking.programme
    event = Event()
    event.add("uid", f"{booking.number}@gonghui")
    event.add("dtstamp", booking.at)
    event.add("summary", f"{programme.title}（{session.venue.name}）")
    if session.from_time and session.to_time:
        event.add("dtstart", _at(session.begins_on, session.from_time))
        event.add("dtend", _at(session.ends_on, session.to_time))
    else:
        event.add("dtstart", session.begins_on)
        event.add("dtend", session.ends_on + timedelta(days=1))  # whole days end before this one
    event.add("location", session.venue.address or session.venue.name)
    event.add("description", f"预约编号 {booking.number}。{programme.contact}".strip())
    calendar = Calendar()
    calendar.add("prodid", "-//gonghui//bookings//ZH")
    calendar.add("version", "2.0")
    calendar.add_component(event)
    return calendar


def _at(day: object, clock: time) -> datetime:
    return datetime.combine(day, clock, tzinfo=get_current_timezone())  # type: ignore[arg-type]
