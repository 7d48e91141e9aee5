"""The lots of a programme, for everybody: numbers of bookings without names, from which anybody draws again (SPEC 6.5)."""

from collections.abc import Iterator

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from gonghui.accounts.request import Request
from gonghui.bookings.draws.actions import run_draw
from gonghui.bookings.models import Booking, Draw, DrawLine
from gonghui.bookings.pages import managed
from gonghui.bookings.rules import can_manage
from gonghui.bookings.states import ProgrammeState
from gonghui.kit.paging import paginate
from gonghui.kit.request import AnyRequest


def _published(pk: int) -> Draw:
    """The lots of a programme that was published, also of one that was cancelled since. Raises Http404."""
    shown = Draw.objects.exclude(programme__state=ProgrammeState.DRAFT).filter(
        programme__publishes_at__lte=timezone.now()
    )
    return get_object_or_404(shown.select_related("programme__publisher"), programme=pk)


@login_not_required
@require_GET
def draw(request: AnyRequest, pk: int) -> HttpResponse:
    """Digests and times, and the closed list; with lots, ranks and the seed when they are drawn."""
    draw = _published(pk)
    lines = DrawLine.objects.filter(draw=draw)
    page = paginate(request, lines, order=("rank",) if draw.drawn_at else ("booking_id",), size=50)
    for line in page.rows:
        line.number = Booking(pk=line.booking_id).number
    ready = draw.drawn_at is None and draw.programme.collects_until and draw.programme.collects_until <= timezone.now()
    may = request.user.is_authenticated and can_manage(request.user, draw.programme)
    context = {"draw": draw, "programme": draw.programme, "page": page, "may_run": ready and may}
    return render(request, "bookings/draw.html", context)


@login_not_required
@require_GET
def draw_list(request: AnyRequest, pk: int) -> StreamingHttpResponse:
    """The closed list as a text file, exactly the bytes of its digest: 「number tier」 by number, a line each."""
    draw = _published(pk)
    if not draw.closed_at:
        raise Http404
    return StreamingHttpResponse(_lines(draw), content_type="text/plain; charset=utf-8")


def _lines(draw: Draw) -> Iterator[str]:
    rows = DrawLine.objects.filter(draw=draw).order_by("booking").values_list("booking", "tier")
    for booking, tier in rows.iterator(chunk_size=2000):
        yield f"{Booking(pk=booking).number} {tier}\n"


@require_POST
def run(request: Request, pk: int) -> HttpResponse:
    """「抽签」, once."""
    programme = managed(request, pk)
    run_draw(programme, by=request.user)
    messages.success(request, "已抽签，名额按签号次序分配，其余的候补。已通知各工会。")
    return redirect("bookings:draw", pk=programme.pk)
