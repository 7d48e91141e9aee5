"""Officers book a group, see their bookings, and change them (SPEC 6.4, 6.6, 6.8)."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from gonghui.accounts.request import Request, own_union
from gonghui.bookings.catalogue.queries import session_lines
from gonghui.bookings.catalogue.views import TICK
from gonghui.bookings.marks.actions import contest_absence
from gonghui.bookings.models import Booking, Offer, Place
from gonghui.bookings.pages import programme_of
from gonghui.bookings.places import actions
from gonghui.bookings.places.booking_page import UNMET, booking_context, first_choice, who_meets
from gonghui.bookings.places.forms import (
    BookingForm,
    ChangeForm,
    ContestForm,
    SubstituteForm,
    WithdrawForm,
    people_of,
)
from gonghui.bookings.places.line import position
from gonghui.bookings.places.people import MAX_PEOPLE
from gonghui.bookings.rosters.actions import look_at
from gonghui.bookings.rules import can_book, can_change_booking, can_change_place, can_see_bookings
from gonghui.bookings.states import ACTIVE, OfferState, PlaceState
from gonghui.kit.errors import Refused
from gonghui.kit.forms import StateFilter, refused_into, row_ids
from gonghui.kit.paging import paginate
from gonghui.members.models import Member
from gonghui.unions.models import Union


@never_cache
@require_POST
def book(request: Request, pk: int) -> HttpResponse:
    """「下一步」 shows the ticked members with the sessions; 「提交预约」 books them. After a refusal all that was typed stays."""
    union, programme = _officer(request), programme_of(request, pk)
    removed = request.POST.get("remove")
    ids = [one for one in row_ids(request.POST.getlist(TICK))[: MAX_PEOPLE + 1] if str(one) != removed]
    members = {member.pk: member for member in Member.objects.filter(union=union, pk__in=ids).order_by("pk")}
    packages = list(programme.packages.all())
    people = people_of(request.POST, [one for one in ids if one in members], packages, programme.guests_max)
    if removed == UNMET:
        people = who_meets(programme, people)
    if not people:
        messages.warning(request, "请先勾选要预约的会员，再点“下一步”。")
        return redirect("bookings:offer", pk)
    lines = session_lines(programme, union, sum(1 + len(person.guests) for person in people))
    sent = "confirmed" in request.POST and "remove" not in request.POST
    typed = request.POST if "key" in request.POST else None
    form = BookingForm(typed if sent else None, lines=lines, initial=first_choice(typed, lines))
    if sent and form.is_valid():
        session = next(line.session for line in lines if line.session.pk == form.cleaned_data["session"])
        wanted = {name: form.cleaned_data[name] for name in ("mode", "waits", "splittable", "key")}
        with refused_into(form):
            booking = actions.book_group(session, people, by=request.user, **wanted)
            return _booked(request, booking, [person.member_id for person in people])
    context = booking_context(programme, form, people, members) | {"lines": lines, "union": union}
    return render(request, "bookings/book.html", context, status=422 if form.errors else 200)


def _booked(request: Request, booking: Booking, ids: Sequence[int]) -> HttpResponse:
    counts: Any = Booking.objects.with_counts().get(pk=booking.pk)
    if counts.applied:
        message = f"已报名 {counts.applied} 人，报名截止后抽签，结果会通知您。"
    elif counts.waiting:
        message = f"已约上 {counts.booked} 人，候补 {counts.waiting} 人。有名额时会通知您确认。"
    else:
        message = f"已约上 {counts.booked} 人。"
    messages.success(request, message)
    request.session["bookings_done"] = ",".join(map(str, ids))
    return redirect("bookings:booking", booking.pk)


class PeopleStateFilter(StateFilter):
    """A booking's state is that of its people: one of them is enough."""

    def narrowed(self, rows: Any, values: Mapping[str, Any]) -> Any:
        people = Place.objects.filter(booking=OuterRef("pk"), state=values["state"])
        return rows.filter(Exists(people)) if values["state"] else rows


@never_cache
@require_GET
def list_booked(request: Request) -> HttpResponse:
    """「本会预约」: what the union has booked, the latest first; a superior sees those of all below."""
    union = own_union(request)
    if not can_see_bookings(request.user):
        raise PermissionDenied
    states = PeopleStateFilter(request.GET, BOOKED_STATES)
    rows = states.narrow(Booking.objects.visible_to(request.user))
    page = paginate(request, rows.select_related("programme", "session__venue", "union"), order=("-id",))
    counts = {one.pk: one for one in Booking.objects.filter(pk__in=[row.pk for row in page.rows]).with_counts()}
    offers_open = set(
        Offer.objects.filter(entry__booking__in=counts, state=OfferState.OPEN).values_list("entry__booking", flat=True)
    )
    context = {
        "tab": "booked",
        "page": page,
        "rows": [(row, counts[row.pk], row.pk in offers_open) for row in page.rows],
        "superior": not union.is_grassroots,
        "states": BOOKED_STATES,
        "state": states.chosen,
        "wrong": states if states.errors else None,
    }
    return render(request, "bookings/booked.html", context, status=states.status)


CHANGEABLE = (PlaceState.APPLIED, PlaceState.WAITING, PlaceState.OFFERED, PlaceState.BOOKED)
"""In these somebody may still withdraw."""

BOOKED_STATES = [
    (state.value, state.label)
    for state in (PlaceState.BOOKED, PlaceState.OFFERED, PlaceState.WAITING, PlaceState.APPLIED, PlaceState.ABSENT)
]


@never_cache
@require_GET
def booking(request: Request, pk: int) -> HttpResponse:
    """One booking with its people; an offer that waits for an answer stands first."""
    booking = _booking(request, pk)
    places = list(
        booking.places.select_related("member", "union", "session__venue", "package", "share__union").order_by("order")
    )
    entry = getattr(booking, "waiting_entry", None)
    waits = any(place.state == PlaceState.WAITING for place in places)
    may = can_change_booking(request.user, booking)
    if booking.union_id != request.user.union_id:
        look_at(booking.programme, places, by=request.user)
    own = {place.pk for place in places if can_change_place(request.user, place)}
    context = {
        "booking": booking,
        "programme": booking.programme,
        "places": places,
        "changeable": {place.pk for place in places if place.pk in own and place.state in CHANGEABLE},
        "may": may,
        "own": own,
        "late": actions.is_late(booking.programme),
        "active": sum(place.state in ACTIVE for place in places),
        "offers": Offer.objects.filter(entry=entry, state=OfferState.OPEN, ends_at__gt=timezone.now()) if entry else [],
        "position": position(entry) if entry and waits else None,
        "done": request.session.pop("bookings_done", ""),
        "now": timezone.now(),
    }
    return render(request, "bookings/booking.html", context)


@never_cache
@require_POST
def withdraw(request: Request, pk: int) -> HttpResponse:
    """「退出」 of the ticked people: shows them and asks for the reason where it is late, then withdraws them."""
    booking = _booking(request, pk)
    places = _ticked(request, booking)
    late = actions.is_late(booking.programme)
    sent = "confirmed" in request.POST
    form = WithdrawForm(request.POST if sent else None, late=late)
    if sent and form.is_valid():
        with refused_into(form):
            ended = actions.withdraw_places([place.pk for place in places], by=request.user, **form.cleaned_data)
            messages.success(request, f"{len(ended)} 人已退出，空出的名额先给候补的单位。")
            return redirect("bookings:booking", pk)
    context = {"booking": booking, "places": places, "form": form, "late": late, "tick": TICK}
    return render(request, "bookings/withdraw.html", context, status=422 if form.errors else 200)


@never_cache
@require_POST
def change(request: Request, pk: int) -> HttpResponse:
    """「改班次」 of the ticked people: shows the other sessions, then changes all of them at once."""
    booking = _booking(request, pk)
    places = _ticked(request, booking)
    here = {place.session_id for place in places}
    lines = [
        line for line in session_lines(booking.programme, booking.union, len(places)) if line.session.pk not in here
    ]
    sent = "confirmed" in request.POST
    form = ChangeForm(request.POST if sent else None, lines=lines)
    if sent and form.is_valid():
        session = next(line.session for line in lines if line.session.pk == form.cleaned_data["session"])
        with refused_into(form):
            changed = actions.change_session([place.pk for place in places], session, by=request.user)
            messages.success(request, f"{len(changed)} 人已改到「{session}」。")
            return redirect("bookings:booking", pk)
    context = {"booking": booking, "places": places, "form": form, "lines": lines, "tick": TICK}
    return render(request, "bookings/change.html", context, status=422 if form.errors else 200)


@never_cache
@require_http_methods(["GET", "POST"])
def substitute(request: Request, pk: int) -> HttpResponse:
    """「换人」: a colleague takes the place."""
    place = _place(request, pk)
    form = SubstituteForm(request.POST or None)
    if form.is_valid():
        colleague = Member.objects.filter(union=place.union, number=form.cleaned_data["number"].strip()).first()
        with refused_into(form):
            if colleague is None:
                raise Refused("本工会没有这个会员编号的会员，请核对后再提交。", field="number")
            new = actions.substitute(place, colleague.pk, stated=form.cleaned_data["stated"], by=request.user)
            messages.success(request, f"已由{new}顶替{place}。")
            return redirect("bookings:booking", place.booking_id)
    context = {"place": place, "booking": place.booking, "form": form}
    return render(request, "bookings/substitute.html", context, status=422 if form.errors else 200)


@never_cache
@require_http_methods(["GET", "POST"])
def contest(request: Request, pk: int) -> HttpResponse:
    """An objection to 「未到」."""
    place = _place(request, pk)
    form = ContestForm(request.POST or None)
    if form.is_valid():
        with refused_into(form):
            contest_absence(place, text=form.cleaned_data["text"], by=request.user)
            messages.success(request, "已提交，由发布项目的工会处理，结果会通知您。")
            return redirect("bookings:booking", place.booking_id)
    context = {"place": place, "booking": place.booking, "form": form}
    return render(request, "bookings/contest.html", context, status=422 if form.errors else 200)


@require_POST
def answer(request: Request, pk: int) -> HttpResponse:
    """「确认名额」 or 「放弃」 of an offer of the waiting list."""
    offers = Offer.objects.filter(entry__booking__in=Booking.objects.visible_to(request.user))
    offer = get_object_or_404(offers.select_related("entry"), pk=pk)
    if "accept" in request.POST:
        actions.accept_offer(offer, by=request.user)
        messages.success(request, "已确认，名额已约上。")
    elif "decline" in request.POST:
        actions.decline_offer(offer, by=request.user)
        messages.success(request, "已放弃，名额给后面候补的单位。")
    else:
        raise Http404
    return redirect("bookings:booking", offer.entry.booking_id)


def _officer(request: Request) -> Union:
    union = own_union(request)
    if not can_book(request.user, union):
        raise PermissionDenied
    return union


def _booking(request: Request, pk: int) -> Booking:
    rows = Booking.objects.visible_to(request.user)
    joined = rows.select_related("programme__publisher", "session__venue", "union", "by", "waiting_entry")
    return get_object_or_404(joined, pk=pk)


def _place(request: Request, pk: int) -> Place:
    rows = Place.objects.visible_to(request.user)
    place = get_object_or_404(rows.select_related("booking", "programme", "session__venue", "member", "union"), pk=pk)
    if not can_change_place(request.user, place):
        raise PermissionDenied
    return place


def _ticked(request: Request, booking: Booking) -> list[Place]:
    """The ticked people of the booking whom the user may change. Raises Refused for none, PermissionDenied for others."""
    if not can_see_bookings(request.user):
        raise PermissionDenied
    ids = row_ids(request.POST.getlist(TICK))
    places = list(booking.places.filter(pk__in=ids).select_related("member", "union", "session__venue"))
    if not places:
        raise Refused("请先勾选人员。")
    if not all(can_change_place(request.user, place) for place in places):
        raise PermissionDenied
    return places
