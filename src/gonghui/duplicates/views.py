"""The queue of look-alikes, two side by side, and what another union is asked (SPEC 5.6)."""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.db.models import Count, QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from gonghui.accounts.request import Request, own_union
from gonghui.duplicates import actions, overdue
from gonghui.duplicates.forms import AnswerForm, DismissForm, MergeForm, PairFilter
from gonghui.duplicates.models import Merge, Pair, Record
from gonghui.duplicates.queries import compared, version_of
from gonghui.duplicates.rules import can_answer, can_decide, can_judge, can_see_duplicates
from gonghui.duplicates.states import MergeState, PairState
from gonghui.kit.errors import Refused
from gonghui.kit.forms import StateFilter, refused_into
from gonghui.kit.paging import paginate
from gonghui.members.register.actions import reveal_member
from gonghui.members.rules import can_reveal_members

RELATED = ("member__union", "other__union", "owner", "judged_by")
MERGE_RELATED = (
    "pair__member__union",
    "pair__other__union",
    "releasing",
    "asked_by__union",
    "answered_by",
    "undone_by",
)


@never_cache
@require_GET
def list_pairs(request: Request) -> HttpResponse:
    """The pairs that the user sees, the newest first."""
    _require_seeing(request)
    form = PairFilter(request.GET, user=request.user)
    visible = Pair.objects.visible_to(request.user)
    page = paginate(request, form.narrow(visible).select_related(*RELATED), order=("-id",), size=20)
    shown = [pair for pair in page.rows if pair.state != PairState.MERGED]  # of merged ones the main record alone
    actions.record_disclosure(shown, _in_no_union(shown), by=request.user)
    context = {
        "form": form,
        "page": page,
        "counts": _counts(visible),
        "asked": _asked(request),
        "superior": not own_union(request).is_grassroots,
    }
    return render(request, "duplicates/list.html", context, status=form.status)


def _in_no_union(pairs: Sequence[Pair]) -> list[int]:
    """The ids of those who are in no list of members: without a union, or merged into another record."""
    members = {member.pk: member for pair in pairs for member in (pair.member, pair.other)}
    return [pk for pk, member in members.items() if member.union_id is None]


def _counts(visible: QuerySet[Pair]) -> list[tuple[PairState, int]]:
    """How many are in each state that has any."""
    found = dict(visible.order_by().values_list("state").annotate(Count("pk")))
    return [(state, found[state]) for state in PairState if state in found]


def _asked(request: Request) -> int:
    return Merge.objects.to_answer(request.user).filter(state=MergeState.WAITING).count()


@never_cache
@require_GET
def pair(request: Request, pk: int) -> HttpResponse:
    """Two records side by side, masked, and what may be done about them."""
    return _pair_page(request, _pair(request, pk))


@never_cache
@require_POST
def reveal(request: Request, pk: int) -> HttpResponse:
    """The same with full numbers; the look is recorded for both."""
    found = _pair(request, pk)
    for member in (found.member, found.other):
        reveal_member(member, by=request.user, purpose="核对重复资料")
    return _pair_page(request, found, full=True)


@never_cache
@require_POST
def act(request: Request, pk: int) -> HttpResponse:
    """「不是同一人」, 「重新核对」, 「合并」, 「撤回请求」 and 「撤销合并」."""
    found = _pair(request, pk)
    match request.POST.get("do"):
        case "dismiss":
            return _dismiss(request, found)
        case "merge":
            return _merge(request, found)
        case "decide":
            return _decide(request, found)
        case "reopen":
            actions.reopen(found, by=request.user)
            messages.success(request, "这一对记录已回到待核对。")
        case "withdraw":
            actions.withdraw(_merge_of(found), by=request.user)
            messages.success(request, "已撤回请求，两条记录没有变化。")
        case "undo":
            actions.undo(_merge_of(found), by=request.user)
            messages.success(request, "已撤销合并，恢复为两条记录。")
        case _:
            raise Http404
    return redirect("duplicates:pair", pk)


def _dismiss(request: Request, found: Pair) -> HttpResponse:
    form = DismissForm(request.POST, prefix="dismiss")
    if form.is_valid():
        values = form.cleaned_data
        with refused_into(form):
            actions.dismiss(found, note=values["note"], version=values["version"], by=request.user)
            messages.success(request, "已记录：不是同一人。这一对不会再出现在待核对中。")
            return redirect("duplicates:pair", found.pk)
    return _pair_page(request, _pair(request, found.pk), dismissing=form)


def _merge(request: Request, found: Pair) -> HttpResponse:
    form = MergeForm(request.POST, pair=found)
    if (which := request.POST.get("all")) in Record.values:
        return _pair_page(request, found, merging=form.filled(Record(which)))
    if form.is_valid():
        with refused_into(form):
            merge = actions.merge(found, form.wish, version=form.cleaned_data["version"], by=request.user)
            done = merge.state == MergeState.DONE
            messages.success(request, "已合并为一名会员。" if done else f"已请{merge.releasing}确认，同意后合并生效。")
            return redirect("duplicates:pair", found.pk)
    return _pair_page(request, _pair(request, found.pk), merging=form)


def _decide(request: Request, found: Pair) -> HttpResponse:
    """Instead of a union that has not answered in time."""
    form, agree = AnswerForm(request.POST), request.POST.get("answer") == "agree"
    if form.is_valid():
        with refused_into(form):
            overdue.decide(_merge_of(found), agree=agree, opinion=form.cleaned_data["opinion"], by=request.user)
            messages.success(
                request, "已决定合并，两条记录已成为一名会员。" if agree else "已决定不合并，两条记录没有变化。"
            )
            return redirect("duplicates:pair", found.pk)
    return _pair_page(request, _pair(request, found.pk), deciding=form)


def _pair_page(
    request: Request,
    found: Pair,
    *,
    full: bool = False,
    merging: MergeForm | None = None,
    dismissing: DismissForm | None = None,
    deciding: AnswerForm | None = None,
) -> HttpResponse:
    actions.record_disclosure([found], _in_no_union([found]), by=request.user)
    judges, is_open = can_judge(request.user, found), found.state == PairState.PENDING
    merges = list(found.merges.select_related(*MERGE_RELATED).order_by("-id")[:20])
    newest = merges[0] if merges else None
    context: dict[str, Any] = {
        "pair": found,
        "shown": full,
        "may_reveal": can_reveal_members(request.user),
        "judges": judges,
        "merges": merges,
        "newest": newest,
        "undoes": judges and newest and newest.undo_until,
        "member_visible": found.member.union_id is not None,
        "other_visible": found.other.union_id is not None,
    }
    wrong = next((form for form in (merging, dismissing, deciding) if form is not None and form.errors), None)
    chosen: list[str] = []
    if judges and is_open:
        version = {"version": version_of(found)}
        form = _again(merging, version) if merging and merging.is_bound else merging or MergeForm(None, pair=found)
        context["merging"], context["lines"], chosen = form, form.lines(full=full), form.fields_chosen
        context["dismissing"] = _again(dismissing, version) if dismissing else DismissForm(prefix="dismiss")
        context["version"] = version["version"]
    elif newest and newest.state == MergeState.OVERDUE and can_decide(request.user, newest):
        context["deciding"] = deciding or AnswerForm()
    elif wrong:
        context["refused"] = Refused(_errors_of(wrong) or "这一对记录已经办理。")
    context["compared"] = compared(found.member, found.other, full=full, without=chosen)
    return render(request, "duplicates/pair.html", context, status=422 if wrong else 200)


def _errors_of(form: Any) -> str:
    """Of a form that is shown no more, since somebody else was quicker."""
    return "".join(str(error) for error in form.non_field_errors())


def _again(form: Any, values: dict[str, str]) -> Any:
    """The form as it was typed, about the records as this page shows them."""
    form.data = form.data.copy()
    for name, value in values.items():
        form.data[form.add_prefix(name)] = value
    return form


@never_cache
@require_GET
def list_asked(request: Request) -> HttpResponse:
    """What the user's grassroots union was asked to agree to, the newest first."""
    if not own_union(request).is_grassroots or not can_see_duplicates(request.user):
        raise Http404
    form = StateFilter(request.GET, MergeState.choices)
    rows = form.narrow(Merge.objects.to_answer(request.user)).select_related(*MERGE_RELATED)
    page = paginate(request, rows, order=("-id",), size=20)
    _record_asked(request, page.rows)
    context = {"form": form, "page": page}
    return render(request, "duplicates/asked.html", context, status=form.status)


@never_cache
@require_GET
def consent(request: Request, pk: int) -> HttpResponse:
    """One request: both records masked while it waits, and the answer."""
    return _consent_page(request, _asked_merge(request, pk), AnswerForm())


@never_cache
@require_POST
def answer(request: Request, pk: int) -> HttpResponse:
    """「同意合并」 or 「不同意」."""
    merge, form = _asked_merge(request, pk), AnswerForm(request.POST)
    agree = request.POST.get("answer") == "agree"
    if form.is_valid():
        with refused_into(form):
            actions.answer(merge, agree=agree, opinion=form.cleaned_data["opinion"], by=request.user)
            messages.success(request, "已同意，两条记录已合并。" if agree else "已答复不同意，两条记录没有变化。")
            return redirect("duplicates:asked")
    return _consent_page(request, _asked_merge(request, pk), form)


def _consent_page(request: Request, merge: Merge, form: AnswerForm) -> HttpResponse:
    waits, pair = merge.state == MergeState.WAITING, merge.pair
    _record_asked(request, [merge])
    answers = waits and can_answer(request.user, merge)
    context: dict[str, Any] = {
        "merge": merge,
        "pair": pair,
        "compared": compared(pair.member, pair.other, chosen=merge.chosen) if waits else None,
        "stays": (pair.member if merge.kept == "main" else pair.other).union,
        "form": form if answers else None,
    }
    if form.errors and not answers:
        context["refused"] = Refused(_errors_of(form) or "这次请求已经办结。")
    return render(request, "duplicates/consent.html", context, status=422 if form.errors else 200)


def _record_asked(request: Request, merges: Sequence[Merge]) -> None:
    """One of the two is of another union, or (merged by now) of none."""
    pairs = [merge.pair for merge in merges]
    people = {pk for pair in pairs for pk in (pair.member_id, pair.other_id)}
    actions.record_disclosure(pairs, sorted(people), by=request.user)


def _require_seeing(request: Request) -> None:
    own_union(request)
    if not can_see_duplicates(request.user):
        raise Http404


def _pair(request: Request, pk: int) -> Pair:
    _require_seeing(request)
    return get_object_or_404(Pair.objects.visible_to(request.user).select_related(*RELATED), pk=pk)


def _merge_of(found: Pair) -> Merge:
    """The newest merge of a pair."""
    merge: Merge | None = found.merges.order_by("-id").first()
    if merge is None:
        raise Refused("这一对记录没有合并过。请刷新页面查看。")
    return merge


def _asked_merge(request: Request, pk: int) -> Merge:
    _require_seeing(request)
    return get_object_or_404(Merge.objects.to_answer(request.user).select_related(*MERGE_RELATED), pk=pk)
