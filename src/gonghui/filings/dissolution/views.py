"""「撤销」 by the officer, the superiors' list, and the city's restoration (SPEC 2.5)."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from gonghui.accounts.request import Request, own_union
from gonghui.filings.dissolution.actions import dissolve_union, find_heir, impact_of, restore_union
from gonghui.filings.dissolution.form import DissolutionForm, RestorationForm
from gonghui.filings.models import Dissolution
from gonghui.filings.pages import own_grassroots
from gonghui.filings.rules import can_change, can_restore
from gonghui.kit.errors import Refused
from gonghui.kit.forms import refused_into
from gonghui.kit.paging import paginate
from gonghui.kit.sorting import sorting_of
from gonghui.members.memberships import not_restored
from gonghui.unions.models import Union

HEIR_WORDS = "会员将转到这家工会，请核对："


@require_http_methods(["GET", "POST"])
def dissolve(request: Request) -> HttpResponse:
    """Shows the effect, then asks for reason, receiving union and typed confirmation."""
    union = own_grassroots(request)
    way = request.GET.get("way", "")
    if not can_change(request.user, union) or way not in Dissolution.Way.values:
        return redirect("filings:own")
    form = DissolutionForm(request.POST or None, way=way)
    heir = None
    if form.is_valid():
        values = form.cleaned_data
        with refused_into(form):
            if way == Dissolution.Way.MERGED:
                heir = find_heir(union, values["into"])
                _require_seen(heir, values["seen"])
            dissolve_union(
                union, way=way, into=heir, reason=values["reason"], confirmed=values["confirmed"], by=request.user
            )
            messages.success(request, "本工会已撤销。如果撤销有误，请在 30 天内联系市总工会恢复。")
            return redirect("filings:own")
    context = {
        "form": form, "union": union, "way": way, "label": Dissolution.Way(way).label, "impact": impact_of(union),
        "found": heir, "words": HEIR_WORDS, "days": Dissolution.RESTORE_DAYS,
    }  # fmt: skip
    return render(request, "filings/dissolve.html", context, status=422 if form.errors else 200)


def _require_seen(heir: Union, seen: int | None) -> None:
    """Raises Refused until the officer has seen the receiving union: a wrong digit would move members elsewhere."""
    if seen != heir.pk:
        raise Refused("已找到对方工会，列在下面。请核对名称和所属上级，确认无误后再次提交。", field="into")


@require_GET
def heir(request: Request) -> HttpResponse:
    """Shows the receiving union before submission (htmx)."""
    union = own_grassroots(request)
    text = request.GET.get("into", "")[:100]
    target, problem = None, ""
    try:
        target = find_heir(union, text) if text.strip() else None
    except Refused as refusal:
        problem = refusal.sentence
    return render(request, "unions/found.html", {"found": target, "problem": problem, "words": HEIR_WORDS})


@require_GET
def dissolutions(request: Request) -> HttpResponse:
    """Lists the dissolved unions below, newest first."""
    if own_union(request).is_grassroots:
        raise Http404
    rows = Dissolution.objects.visible_to(request.user).select_related("union__superior", "into", "dissolved_by")
    sorting = sorting_of(request, {"ended": ("id",)}, "-ended")
    page = paginate(request, rows, order=sorting.order, size=20)
    return render(request, "filings/dissolutions.html", {"page": page, "sorting": sorting})


@require_GET
def dissolution(request: Request, pk: int) -> HttpResponse:
    """Shows one dissolution: reason, and the members that can be restored or not."""
    return _dissolution_page(request, _visible(request, pk), RestorationForm())


@require_POST
def restore(request: Request, pk: int) -> HttpResponse:
    """「恢复工会」, by the city."""
    end = _visible(request, pk)
    if not can_restore(request.user):
        raise Http404
    form = RestorationForm(request.POST)
    if form.is_valid():
        with refused_into(form):
            end = restore_union(end, reason=form.cleaned_data["reason"], by=request.user)
            messages.success(request, f"{end.union.name}已恢复，{end.restored_count} 名会员已回到该工会。")
            return redirect("filings:dissolution", pk)
    return _dissolution_page(request, end, form, status=422)


def _visible(request: Request, pk: int) -> Dissolution:
    rows = Dissolution.objects.visible_to(request.user)
    return get_object_or_404(rows.select_related("union__employer", "into", "dissolved_by", "restored_by"), pk=pk)


def _dissolution_page(request: Request, end: Dissolution, form: RestorationForm, status: int = 200) -> HttpResponse:
    elsewhere = not_restored(end.act, end.restore_act).select_related("member")
    page = paginate(request, elsewhere, order=("id",), size=20)
    context = {
        "end": end,
        "page": page,
        "form": form,
        "own": end.union_id == request.user.union_id,
        "may_restore": end.restorable_days and can_restore(request.user),
        "coming": end.member_count - page.total,
    }
    return render(request, "filings/dissolution.html", context, status=status)
