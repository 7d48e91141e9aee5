"""「会员参加记录」: which of the union's members have been, when, and with what money; and who has never been."""

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from gonghui.accounts.request import Request, own_union
from gonghui.bookings.codes import Kind
from gonghui.bookings.ledger.queries import entries_of, last_times, never_been
from gonghui.bookings.programmes.figures import money
from gonghui.bookings.rules import can_see_bookings
from gonghui.kit.paging import paginate
from gonghui.members.models import Member


@never_cache
@require_GET
def records(request: Request) -> HttpResponse:
    """The members with the last time of each kind; with ``show`` those who have not been in one kind."""
    union = own_union(request)
    if not (can_see_bookings(request.user) and union.is_grassroots):
        raise PermissionDenied
    never = request.GET.get("show", "")
    never = never if never in Kind.values else ""
    members = never_been(union, never) if never else Member.objects.filter(union=union)
    page = paginate(request, members, order=("id",))
    last = last_times([member.pk for member in page.rows])
    context = {
        "tab": "ledger",
        "page": page,
        "rows": [(member, [last.get((member.pk, kind)) for kind in Kind.values]) for member in page.rows],
        "kinds": Kind.choices,
        "never": never,
    }
    return render(request, "bookings/ledger.html", context)


@never_cache
@require_GET
def record(request: Request, pk: int) -> HttpResponse:
    """One member's entries, those of earlier unions among them."""
    union = own_union(request)
    if not (can_see_bookings(request.user) and union.is_grassroots):
        raise PermissionDenied
    member = get_object_or_404(Member.objects.filter(union=union), pk=pk)
    entries = [
        (entry, [(fund.get_source_display(), money(fund.amount)) for fund in entry.funds.all()])
        for entry in entries_of(member)
    ]
    return render(request, "bookings/record.html", {"member": member, "entries": entries})
