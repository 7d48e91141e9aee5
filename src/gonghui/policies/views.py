"""「期限设定」: the policy of a superior union."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from gonghui.accounts.request import Request
from gonghui.kit.errors import Refused
from gonghui.policies.actions import set_policy
from gonghui.policies.fields import FIELDS
from gonghui.policies.forms import PolicyForm
from gonghui.policies.models import Policy
from gonghui.policies.queries import standings
from gonghui.policies.rules import can_set_policy
from gonghui.unions.models import Union


@require_http_methods(["GET", "POST"])
def policy(request: Request, pk: int) -> HttpResponse:
    """Shows the policy of a superior union in the user's scope. The union's administrator changes it."""
    unions = Union.objects.visible_to(request.user).superiors().select_related("superior__superior")
    union = get_object_or_404(unions, pk=pk)
    current = Policy.objects.filter(union=union).select_related("set_by").first()
    form = PolicyForm(request.POST or None, initial={name: getattr(current, name, None) for name in FIELDS})
    if form.is_valid():
        try:
            set_policy(union, form.cleaned_data, by=request.user)
        except Refused as refusal:
            if refusal.field not in form.fields:
                raise
            form.add_error(refusal.field, refusal.sentence)
        else:
            messages.success(request, "已保存，从现在起提出的申请按新的期限办理。")
            return redirect("policies:policy", pk=union.pk)
    context = {
        "union": union,
        "policy": current,
        "standings": standings(union, current),
        "form": form,
        "may_set": can_set_policy(request.user, union),
    }
    return render(request, "policies/policy.html", context, status=422 if form.errors else 200)
