"""「疗休养体检预约平台」 for officers: what is offered, and one programme with its sessions and who could go."""

from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.db.models import prefetch_related_objects
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from gonghui.accounts.request import Request, own_union
from gonghui.bookings.catalogue.queries import (
    NOW,
    PAST,
    cards,
    counts_by_kind,
    offered,
    session_lines,
)
from gonghui.bookings.codes import Kind
from gonghui.bookings.documents.queries import listed as documents
from gonghui.bookings.eligibility.queries import answers, eligible, rules_said
from gonghui.bookings.ledger.queries import last_times
from gonghui.bookings.models import Place, Programme, SelfCheck
from gonghui.bookings.pages import programme_of
from gonghui.bookings.pictures.queries import gallery
from gonghui.bookings.places.people import MAX_PEOPLE
from gonghui.bookings.programmes.figures import for_whom, offers
from gonghui.bookings.rules import can_book, can_see_bookings
from gonghui.bookings.self_checks.queries import standing_of
from gonghui.bookings.self_checks.validation import is_taking
from gonghui.bookings.states import ACTIVE, Phase, ProgrammeState
from gonghui.kit.forms import ListFilter
from gonghui.kit.paging import paginate
from gonghui.members.models import Member, MemberQuerySet
from gonghui.unions.models import Union

TICK = "person"
"""The name of the checkboxes; each selects a member."""

CAN_GO, NEVER, ALL = "", "never", "all"
SHOWN = {CAN_GO: "可以去", NEVER: "从未去过", ALL: "全部会员"}


class KindFilter(ListFilter):
    """The kind of the programmes."""

    kind = forms.ChoiceField(label="类型", required=False, choices=[("", "全部"), *Kind.choices])

    def narrowed(self, rows: Any, values: Any) -> Any:
        return rows.filter(kind=values["kind"]) if values["kind"] else rows

    @property
    def chosen(self) -> str:
        """The kind; none while it is wrong."""
        return self.cleaned_data["kind"] if self.is_valid() else ""


@never_cache
@require_GET
def list_offers(request: Request) -> HttpResponse:
    """The programmes that one can book now or soon, the nearest deadline first; the others under 「往期」."""
    union = _union(request)
    if not union.is_grassroots:
        return redirect("bookings:programmes")
    when = PAST if request.GET.get("tab") == PAST else NOW
    counts = counts_by_kind(request.user, when)
    filters = KindFilter(request.GET)
    rows = filters.narrow(offered(request.user, when))
    page = paginate(request, rows, order=("-id",) if when == PAST else ("deadline", "id"), size=10)
    context = {
        "tab": "past" if when == PAST else "offers",
        "page": page,
        "cards": cards(page.rows, union),
        "kinds": [(code, name, counts.get(code, 0)) for code, name in Kind.choices],
        "filters": filters,
        "kind": filters.chosen,
        "total": sum(counts.values()),
        "when": when,
        "now": timezone.now(),
    }
    return render(request, "bookings/offers.html", context, status=filters.status)


@never_cache
@require_GET
def offer(request: Request, pk: int) -> HttpResponse:
    """One programme; for an officer with the union's members, of whom each is answered by all rules."""
    union, programme = _union(request), programme_of(request, pk)
    prefetch_related_objects([programme], "rules")  # which four of the lines below ask for
    if not union.is_grassroots:
        return redirect("bookings:programme", programme.pk)
    officer = can_book(request.user, union)
    may = officer and programme.phase == Phase.OPEN
    show = request.GET.get("show", CAN_GO)
    show = show if show in SHOWN else CAN_GO
    pictures = gallery(programme)
    context = {
        "programme": programme,
        "phase": programme.phase,
        "open": programme.phase == Phase.OPEN,
        "opens_later": bool(programme.opens_at and programme.opens_at > timezone.now()),
        "cancelled": programme.state == ProgrammeState.CANCELLED,
        "may": may,
        "may_send_invoice": officer and is_taking(programme),
        "offer": offers([programme])[0],
        "lines": session_lines(programme, union),
        "rules": rules_said(programme),
        "shows_pictures": bool(pictures.all),
        "gallery": pictures.head,
        "venues": [(venue, pictures.of(venue.pk)) for venue in programme.venues.order_by("pk")],
        "documents": documents(programme),
        "packages": [(package, for_whom(package)) for package in programme.packages.order_by("pk")],
        "now": timezone.now(),
        "show": show,
        "shown": SHOWN.items(),
    }
    if may:
        page = paginate(request, shown_members(programme, union, show), order=("id",))
        ids = [member.pk for member in page.rows]
        met = answers(programme, ids)
        been = last_times(ids)
        booked = dict(
            Place.objects.filter(programme=programme, member__in=ids, state__in=ACTIVE).values_list("member", "booking")
        )
        checks = standing_of(programme, ids)
        context |= {
            "page": page,
            "rows": [
                (
                    member, met[member.pk], been.get((member.pk, programme.kind)), booked.get(member.pk),
                    checks.get(member.pk),
                )
                for member in page.rows
            ],
        }  # fmt: skip
    full_page = not request.htmx or request.htmx.history_restore_request
    return render(
        request,
        "bookings/offer_officer.html" if full_page or not may else "bookings/offer_officer.html#people",
        context,
    )


@never_cache
@require_GET
def fit(request: Request, pk: int) -> JsonResponse:
    """The ids of all members who could go and are not booked yet, for 「全选可以去的会员」; at most one booking's."""
    union = _union(request)
    programme = programme_of(request, pk)
    if not can_book(request.user, union):
        raise PermissionDenied
    rows = shown_members(programme, union, CAN_GO).order_by("pk")
    return JsonResponse({"ids": list(rows.values_list("pk", flat=True)[:MAX_PEOPLE])})


def shown_members(programme: Programme, union: Union, show: str) -> MemberQuerySet:
    """The union's members: all; or those who meet every rule and are not in the programme, of these who have never been."""
    members = Member.objects.filter(union=union)
    if show == ALL:
        return members
    here = Place.objects.filter(programme=programme, union=union, state__in=ACTIVE, member__isnull=False)
    elsewhere = SelfCheck.objects.standing().filter(programme=programme, union=union)
    rows = eligible(programme, members).exclude(pk__in=here.values("member"))
    rows = rows.exclude(pk__in=elsewhere.values("member"))
    return rows.filter(last_year=None) if show == NEVER else rows


def _union(request: Request) -> Union:
    union = own_union(request)
    if not can_see_bookings(request.user):
        raise PermissionDenied
    return union
