"""Sessions of a programme: dates, capacity, shares and moves between them, cancellation."""

from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from gonghui.accounts.request import Request
from gonghui.bookings.models import Place, Session, ShareMove, Venue
from gonghui.bookings.pages import form_page, managed, seen
from gonghui.bookings.programmes.figures import offers, people_and_unions
from gonghui.bookings.programmes.forms import ReasonForm
from gonghui.bookings.rules import can_manage
from gonghui.bookings.sessions import actions
from gonghui.bookings.sessions.forms import CapacityForm, DatesForm, MoveForm, SessionForm, ShareForm
from gonghui.bookings.states import PlaceState, ProgrammeState, SessionState
from gonghui.kit.forms import refused_into
from gonghui.kit.paging import paginate

_DATES = ("begins_on", "ends_on", "from_time", "to_time")
_SHARES_SHOWN = 200
"""The most shares of a session: all districts, bureaus and categories."""


@require_GET
def sessions(request: Request, pk: int) -> HttpResponse:
    """The sessions by date, with places taken and free, and who waits."""
    programme = seen(request, pk)
    rows = programme.sessions.select_related("venue")
    page = paginate(request, rows, order=("begins_on", "id"), size=20)
    waiting = waiting_of([row.pk for row in page.rows])
    for row in page.rows:
        row.waiting = waiting.get(row.pk, 0)
    context = {
        "programme": programme,
        "offer": offers([programme])[0],
        "page": page,
        "may": can_manage(request.user, programme),
        "tab": "sessions",
    }
    return render(request, "bookings/sessions.html", context)


def waiting_of(sessions: list[int]) -> dict[int, int]:
    """How many people wait for each session."""
    places = Place.objects.filter(session__in=sessions, state=PlaceState.WAITING).order_by()
    return dict(places.values_list("session").annotate(number=Count("pk")))


@require_GET
def session(request: Request, pk: int) -> HttpResponse:
    """A session with its shares, and the history of moves."""
    session = _seen(request, pk)
    moves = ShareMove.objects.filter(session=session).select_related("origin__union", "target__union", "by")
    context = {
        "session": session,
        "programme": session.programme,
        "shares": session.shares.select_related("union").order_by("pk")[:_SHARES_SHOWN],
        "waiting": waiting_of([session.pk]).get(session.pk, 0),
        "page": paginate(request, moves, order=("-id",)),
        "may": _changeable(request, session),
    }
    return render(request, "bookings/session.html", context)


def _seen(request: Request, pk: int) -> Session:
    rows = Session.objects.visible_to(request.user).select_related("programme__publisher", "venue")
    session = get_object_or_404(rows, pk=pk)
    seen(request, session.programme_id)
    return session


def _managed(request: Request, pk: int) -> Session:
    session = _seen(request, pk)
    managed(request, session.programme_id)
    return session


def _changeable(request: Request, session: Session) -> bool:
    ongoing = session.state == SessionState.ON and session.programme.state != ProgrammeState.CANCELLED
    return ongoing and can_manage(request.user, session.programme)


def _page(request: Request, form: forms.Form, session: Session, **words: Any) -> HttpResponse:
    back = reverse("bookings:session", args=[session.pk])
    return form_page(request, form, session.programme, back=back, **words)


@require_http_methods(["GET", "POST"])
def add(request: Request, pk: int) -> HttpResponse:
    """「添加班次」 to a route or place."""
    venue = get_object_or_404(Venue.objects.select_related("programme"), pk=pk)
    programme = managed(request, venue.programme_id)
    form = SessionForm(request.POST or None)
    if form.is_valid():
        with refused_into(form):
            session = actions.add_session(venue, **form.cleaned_data, by=request.user)
            messages.success(request, f"已添加班次 {session.when}，{session.capacity} 个名额。")
            return redirect("bookings:sessions", pk=programme.pk)
    return form_page(request, form, programme, title=f"为{venue}添加班次", button="添加")


@require_http_methods(["GET", "POST"])
def edit(request: Request, pk: int) -> HttpResponse:
    """「改日期」: everybody booked is notified."""
    session = _managed(request, pk)
    form = DatesForm(request.POST or None, initial={name: getattr(session, name) for name in _DATES})
    if form.is_valid():
        with refused_into(form):
            actions.edit_session(session, **form.cleaned_data, by=request.user)
            messages.success(request, "已修改日期。")
            return redirect("bookings:session", pk=session.pk)
    people, unions = people_and_unions(session.programme, session)
    note = f"保存后通知这个班次已预约、候补的 {unions} 家工会（{people} 人）。" if unions else ""
    return _page(request, form, session, title="改日期", button="保存", note=note)


@require_http_methods(["GET", "POST"])
def capacity(request: Request, pk: int) -> HttpResponse:
    """「调整名额」: up, for those who wait first; down, but not below what is taken."""
    session = _managed(request, pk)
    form = CapacityForm(request.POST or None, session=session)
    if form.is_valid():
        with refused_into(form):
            actions.set_capacity(session, **form.cleaned_data, by=request.user)
            messages.success(request, f"名额已调整为 {form.cleaned_data['capacity']} 个。")
            return redirect("bookings:session", pk=session.pk)
    return _page(request, form, session, title="调整名额", button="调整")


@require_http_methods(["GET", "POST"])
def share_add(request: Request, pk: int) -> HttpResponse:
    """「划分名额」 to a union or category."""
    session = _managed(request, pk)
    form = ShareForm(request.POST or None, session=session)
    if form.is_valid():
        with refused_into(form):
            share = actions.add_share(session, **form.cleaned_data, by=request.user)
            messages.success(request, f"已划给{share} {share.capacity} 个名额。")
            return redirect("bookings:session", pk=session.pk)
    return _page(request, form, session, title="划分名额", button="划分")


@require_http_methods(["GET", "POST"])
def move(request: Request, pk: int) -> HttpResponse:
    """「调剂名额」 between shares."""
    session = _managed(request, pk)
    form = MoveForm(request.POST or None, session=session)
    if form.is_valid():
        with refused_into(form):
            actions.move_places(session, **form.cleaned_data, by=request.user)
            origin, target = form.cleaned_data["origin"], form.cleaned_data["target"]
            messages.success(request, f"已把 {form.cleaned_data['places']} 个名额从{origin}移到{target}。")
            return redirect("bookings:session", pk=session.pk)
    return _page(request, form, session, title="调剂名额", button="调剂")


@require_http_methods(["GET", "POST"])
def cancel(request: Request, pk: int) -> HttpResponse:
    """「取消班次」: everybody booked in it is notified."""
    session = _managed(request, pk)
    people, unions = people_and_unions(session.programme, session)
    form = ReasonForm(request.POST or None, help_text="随通知告知已预约、候补的工会。")
    if form.is_valid():
        with refused_into(form):
            actions.cancel_session(session, **form.cleaned_data, by=request.user)
            messages.success(request, f"已取消班次，将通知 {unions} 家工会。" if unions else "已取消班次。")
            return redirect("bookings:sessions", pk=session.programme_id)
    warning = f"取消后不能恢复：{people} 人的名额或候补全部取消，通知 {unions} 家工会的经办人。"
    return _page(
        request,
        form,
        session,
        title="取消班次",
        button="取消班次",
        warning=warning if people else "取消后不能恢复。还没有人预约这个班次。",
        danger=True,
    )
