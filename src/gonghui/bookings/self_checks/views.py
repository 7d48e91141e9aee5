"""外院自检: officers hand in a member's invoice and see their own; the publisher's list and decision (SPEC 6.7)."""

from contextlib import nullcontext

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from gonghui.accounts.request import Request, own_union
from gonghui.attachments.models import Bundle
from gonghui.attachments.pages import AttachmentsOfForm
from gonghui.attachments.queries import section
from gonghui.bookings.eligibility.queries import answers
from gonghui.bookings.models import Programme, SelfCheck
from gonghui.bookings.pages import programme_of
from gonghui.bookings.programmes.figures import money
from gonghui.bookings.rules import can_book, can_manage, can_publish, can_see_bookings
from gonghui.bookings.self_checks import actions
from gonghui.bookings.self_checks.forms import DecisionForm, DeskFilter, InvoiceForm, MemberForm
from gonghui.bookings.self_checks.kind import CODE, about
from gonghui.bookings.self_checks.queries import taking
from gonghui.bookings.self_checks.validation import last_day, require_taken
from gonghui.bookings.states import SelfCheckState
from gonghui.kit.errors import Refused
from gonghui.kit.forms import StateFilter, refused_into, row_id, unjudged
from gonghui.kit.names import visible
from gonghui.kit.paging import paginate
from gonghui.members.models import Member
from gonghui.unions.models import Union

JOINED = ("programme__publisher", "member", "union", "by", "decided_by", "invoice")


@never_cache
@require_http_methods(["GET", "POST"])
def choose(request: Request, pk: int) -> HttpResponse:
    """「提交外院自检」, of whom: by 会员编号, or by a name that only one member of the union has."""
    union, programme = _officer(request), _taking(request, pk)
    form = MemberForm(request.POST or None)
    if form.is_valid():
        with refused_into(form):
            member = _member_called(union, form.cleaned_data["member"])
            return redirect("bookings:self_check_send", programme.pk, member.pk)
    context = {"programme": programme, "form": form, "last": last_day(programme)}
    return render(request, "bookings/self_check_choose.html", context, status=422 if form.errors else 200)


@never_cache
@require_http_methods(["GET", "POST"])
def send(request: Request, pk: int, member_pk: int) -> HttpResponse:
    """The invoice of one member; ``again`` is an earlier one, whose values stand in the form."""
    union, programme = _officer(request), programme_of(request, pk)
    member = get_object_or_404(Member.objects.filter(union=union), pk=member_pk)
    require_taken(programme)
    earlier = SelfCheck.objects.filter(programme=programme, member=member, union=union)
    again = earlier.filter(pk=row_id(request.GET.get("again")) or 0).first()
    scans = AttachmentsOfForm(request, CODE, about(programme.pk, member.pk))
    form = InvoiceForm(request.POST or None, programme=programme, earlier=again)
    if scans.only:
        unjudged(form)
    elif form.is_valid():
        with refused_into(form):
            check = actions.send_self_check(programme, member.pk, form.invoice, by=request.user)
            messages.success(
                request, f"已提交{member.name}的外院自检，由{programme.publisher.name}审核，结果会通知您。"
            )
            return redirect("bookings:self_check", check.pk)
    context = {
        "programme": programme,
        "member": member,
        "form": form,
        "scans": scans,
        "answer": answers(programme, [member.pk])[member.pk],
    }
    return render(request, "bookings/self_check_send.html", context, status=422 if form.errors else 200)


@never_cache
@require_GET
def list_own(request: Request) -> HttpResponse:
    """「外院自检」 of the officer's own union, the latest first."""
    union = own_union(request)
    if not (can_see_bookings(request.user) and union.is_grassroots):
        raise PermissionDenied
    states = StateFilter(request.GET, SelfCheckState.choices)
    rows = states.narrow(SelfCheck.objects.filter(union=union))
    context = {
        "tab": "self_checks",
        "taking": taking(request.user) if can_book(request.user, union) else (),
        "page": paginate(request, rows.select_related("programme", "member"), order=("-id",)),
        "states": SelfCheckState.choices,
        "filters": states,
        "state": states.chosen,
    }
    return render(request, "bookings/self_checks.html", context, status=states.status)


@never_cache
@require_GET
def desk(request: Request) -> HttpResponse:
    """The publisher's: those that wait first, the longest waiting one first; looking at these people is recorded."""
    union = own_union(request)
    if union.is_grassroots:
        raise Http404
    if not can_publish(request.user, union):
        raise PermissionDenied
    filters = DeskFilter(request.GET)
    rows = filters.narrow(SelfCheck.objects.filter(programme__publisher=union))
    waiting = filters.chosen == DeskFilter.WAITING
    page = paginate(
        request, rows.select_related("programme", "member", "union"), order=("id",) if waiting else ("-id",)
    )
    if page.rows:
        actions.look_at(page.rows, union, by=request.user)
    context = {"page": page, "filters": filters, "state": filters.chosen, "states": DeskFilter.CHOICES}
    return render(request, "bookings/self_check_desk.html", context, status=filters.status)


@never_cache
@require_http_methods(["GET", "POST"])
def self_check(request: Request, pk: int) -> HttpResponse:
    """One with its facts and its invoice; the publisher decides here."""
    check = _visible(request, pk)
    own = check.union_id == request.user.union_id
    decides = can_manage(request.user, check.programme)
    if not (own or decides) or (request.method == "POST" and not decides):
        raise PermissionDenied
    waits = check.state == SelfCheckState.SUBMITTED
    form = DecisionForm(request.POST or None)
    if form.is_valid():
        with refused_into(form) if waits else nullcontext():  # of what is decided the page has no form
            done = actions.decide_self_check(
                check, accepted=form.accepted, opinion=form.cleaned_data["opinion"], by=request.user
            )
            messages.success(request, f"{check.member.name}的外院自检{done.get_state_display()}，已通知所在工会。")
            return redirect("bookings:self_check_desk")
    if not own:
        actions.look_at([check], own_union(request), by=request.user)
    entry = getattr(check, "ledger_entry", None)
    context = {
        "check": check,
        "programme": check.programme,
        "attached": section(Bundle.objects.filter(pk=check.invoice_id)),
        "own": own,
        "funds": [(fund.get_source_display(), money(fund.amount)) for fund in entry.funds.all()] if entry else [],
        "form": form if decides and waits else None,
        "answer": _answer(check) if decides and waits else None,
        "may_withdraw": own and waits and can_book(request.user, check.union),
        "may_repeat": _may_repeat(request, check),
    }
    return render(request, "bookings/self_check.html", context, status=422 if form.errors else 200)


@require_POST
def withdraw(request: Request, pk: int) -> HttpResponse:
    """「撤回」 while it waits."""
    check = _own(request, pk)
    actions.withdraw_self_check(check, by=request.user)
    messages.success(request, f"已撤回{check.member.name}的外院自检，改正后可以再次提交。")
    return redirect("bookings:self_check", pk)


@require_POST
def again(request: Request, pk: int) -> HttpResponse:
    """「再次提交」 of one that was refused or taken back: the form with its values, and its invoice."""
    check = _own(request, pk)
    if not _may_repeat(request, check):
        raise Refused("只有未通过或已撤回的外院自检，会员还在本工会时，可以再次提交。")
    actions.send_again(check, by=request.user)
    response = redirect("bookings:self_check_send", check.programme_id, check.member_id)
    response["Location"] += f"?again={check.pk}"
    return response


def _may_repeat(request: Request, check: SelfCheck) -> bool:
    ended = check.state in (SelfCheckState.REFUSED, SelfCheckState.WITHDRAWN)
    ours = check.union_id == request.user.union_id == check.member.union_id == check.invoice.union_id
    return ended and ours and can_book(request.user, check.union)


def _answer(check: SelfCheck) -> object:
    """The programme's conditions for the member as of now, so that the publisher decides with open eyes."""
    return answers(check.programme, [check.member_id], {check.member_id: check.stated})[check.member_id]


def _member_called(union: Union, typed: str) -> Member:
    """The one member of the union with this number or name. Raises Refused for none, or several."""
    typed = visible(typed)
    ours = Member.objects.filter(union=union)
    found = list(ours.filter(number=typed)[:1]) or list(ours.filter(name=typed)[:2])
    if len(found) == 1:
        return found[0]
    wrong = "本工会有几名会员叫这个名字，请填写会员编号。" if found else "本工会没有这名会员，请核对会员编号或姓名。"
    raise Refused(wrong, field="member")


def _officer(request: Request) -> Union:
    union = own_union(request)
    if not can_book(request.user, union):
        raise PermissionDenied
    return union


def _taking(request: Request, pk: int) -> Programme:
    """A programme that takes invoices now. Raises Http404, Refused."""
    programme = programme_of(request, pk)
    require_taken(programme)
    return programme


def _visible(request: Request, pk: int) -> SelfCheck:
    return get_object_or_404(SelfCheck.objects.visible_to(request.user).select_related(*JOINED), pk=pk)


def _own(request: Request, pk: int) -> SelfCheck:
    check = _visible(request, pk)
    if check.union_id != request.user.union_id:
        raise PermissionDenied
    return check
