"""「按文件选人」: the people of a group come from a workbook instead of ticks; what follows is the same page and action."""

from io import BytesIO

from django.core.exceptions import PermissionDenied
from django.http import FileResponse, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from gonghui.accounts.request import Request, own_union
from gonghui.bookings.catalogue.queries import session_lines
from gonghui.bookings.models import Programme
from gonghui.bookings.pages import programme_of
from gonghui.bookings.places import workbook
from gonghui.bookings.places.booking_page import booking_context, first_choice
from gonghui.bookings.places.forms import BookingForm
from gonghui.bookings.places.people import MAX_PEOPLE
from gonghui.bookings.rules import can_book, can_see_bookings
from gonghui.bookings.states import Phase
from gonghui.imports.forms import UploadForm
from gonghui.kit.errors import Refused
from gonghui.kit.uploads import too_large
from gonghui.members.models import Member
from gonghui.unions.models import Union


@never_cache
@require_http_methods(["GET", "POST"])
def choose(request: Request, pk: int) -> HttpResponse:
    """The upload; a workbook with anybody of the union leads on to the booking page, with the rows left out on top."""
    union, programme = own_union(request), programme_of(request, pk)
    if not can_book(request.user, union):
        raise PermissionDenied
    if programme.phase != Phase.OPEN:
        return redirect("bookings:offer", pk)
    form = UploadForm()
    problems = []
    if request.method == "POST":
        form = UploadForm(request.POST, request.FILES, too_large=too_large(request))
        if form.is_valid():
            try:
                chosen = workbook.read_people(programme, union, form.cleaned_data["file"].read())
            except Refused as refused:
                form.add_error("file", refused.sentence)
            else:
                if chosen.people:
                    return _booking_page(request, programme, union, chosen)
                problems = chosen.problems
                form.add_error("file", "文件中没有可以预约的本工会会员。请按下面的说明改正后重新上传。")
    context = {
        "programme": programme,
        "form": form,
        "problems": problems,
        "notes": workbook.INSTRUCTIONS,
        "max_rows": MAX_PEOPLE,
    }
    return render(request, "bookings/workbook.html", context, status=422 if form.errors else 200)


def _booking_page(request: Request, programme: Programme, union: Union, chosen: workbook.Chosen) -> HttpResponse:
    """Nothing is booked yet: the officer chooses session and mode, and sees who may not."""
    members = Member.objects.filter(union=union).in_bulk([person.member_id for person in chosen.people])
    lines = session_lines(programme, union, len(chosen.people))
    form = BookingForm(lines=lines, initial=first_choice(None, lines))
    context = booking_context(programme, form, chosen.people, members)
    return render(
        request,
        "bookings/book.html",
        context | {"lines": lines, "union": union, "problems": chosen.problems},
    )


@require_GET
def template(request: Request) -> FileResponse:
    """The empty workbook, for whoever sees the bookings."""
    if not can_see_bookings(request.user):
        raise PermissionDenied
    return FileResponse(BytesIO(workbook.template()), as_attachment=True, filename=workbook.TEMPLATE_NAME)
