"""「规则设定」: the rules of a superior union."""

from contextlib import nullcontext

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from gonghui.accounts.queries import has_second_factor
from gonghui.accounts.request import Request, own_union
from gonghui.kit.forms import refused_into
from gonghui.policies import actions
from gonghui.policies.effects import effects
from gonghui.policies.forms import PolicyForm, by_card
from gonghui.policies.models import Policy
from gonghui.policies.queries import standings
from gonghui.policies.rules import can_set_policy
from gonghui.unions.levels import UnionKind
from gonghui.unions.models import Union


@require_GET
def own(request: Request) -> HttpResponse:
    """Leads to the page of the user's union, where a notice sends all."""
    union = own_union(request)
    if union.is_grassroots:
        raise Http404
    return redirect("policies:policy", pk=union.pk)


@never_cache
@require_http_methods(["GET", "POST"])
def policy(request: Request, pk: int) -> HttpResponse:
    """Shows the rules of a superior union in the user's scope. The union's administrator changes them.

    What would be felt at once is said first, and saved by a second step (`effects`).
    """
    unions = Union.objects.visible_to(request.user).superiors().select_related("superior__superior")
    union = get_object_or_404(unions, pk=pk)
    current = Policy.objects.filter(union=union).select_related("set_by").first()
    held, may_set = standings(union, current), can_set_policy(request.user, union)
    typed = request.POST if request.method == "POST" else None
    form = PolicyForm(held, typed, is_city=union.kind == UnionKind.CITY)
    if form.is_valid() and "back" not in form.data:
        with refused_into(form) if may_set else nullcontext():
            return _asked(request, union, form) or _saved(request, union, form)
    context = {
        "union": union,
        "policy": current,
        "version": actions.version_of(current),
        "form": form,
        "cards": form.cards if may_set else by_card(held.values()),
        "may_set": may_set,
        "bind_first": may_set and "superiors_need_totp" in form.fields and not has_second_factor(request.user),
    }
    return render(request, "policies/policy.html", context, status=422 if form.errors else 200)


def _asked(request: Request, union: Union, form: PolicyForm) -> HttpResponse | None:
    """The question whether to save what would be felt at once, until it was answered with these very effects in sight."""
    changes = actions.changes(union, form.sent, by=request.user)
    told = effects(union, changes)
    sure = " ".join(told)
    if not told or request.POST.get("sure") == sure:
        return None
    context = {
        "union": union,
        "changes": changes,
        "effects": told,
        "sure": sure,
        "sent": [(name, request.POST[name]) for name in (*form.sent, "version") if name in request.POST],
    }
    return render(request, "policies/confirm.html", context)


def _saved(request: Request, union: Union, form: PolicyForm) -> HttpResponse:
    changed = actions.set_policy(union, form.sent, by=request.user, version=request.POST.get("version"))
    messages.success(request, "已保存，从现在起执行。" if changed else "没有改动，没有需要保存的规则。")
    return redirect("policies:policy", pk=union.pk)
