"""「转移」: the officer of an approved union moves it to another superior (SPEC 2.4)."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from gonghui.accounts.request import Request
from gonghui.attachments.pages import AttachmentsOfForm
from gonghui.filings.models import Relocation
from gonghui.filings.pages import facts_of, not_now, own_grassroots
from gonghui.filings.relocation.actions import submit_relocation, target_entrance
from gonghui.filings.relocation.form import RelocationForm
from gonghui.filings.relocation.review import RelocationKind
from gonghui.filings.rules import can_change
from gonghui.kit.forms import refused_into, unjudged
from gonghui.reviews.queries import open_review
from gonghui.unions.hooks import blockers


@require_http_methods(["GET", "POST"])
def relocate(request: Request) -> HttpResponse:
    """「转移」: asks for the kind first, then for the new superior and the reason."""
    union = own_grassroots(request)
    if not can_change(request.user, union) or open_review(union):
        return not_now(request, union)
    way = request.GET.get("way", "")
    pending = blockers(union)
    if way not in Relocation.Way.values or pending:
        context = {"union": union, "ways": Relocation.Way, "blockers": pending, "facts": facts_of(union, ["superior"])}
        return render(request, "filings/relocate_way.html", context, status=409 if request.method == "POST" else 200)
    form = RelocationForm(request.POST or None, entrance=target_entrance(union, way))
    scans = AttachmentsOfForm(request, RelocationKind.code)
    if scans.only:
        unjudged(form)
    elif form.is_valid():
        values = form.cleaned_data
        with refused_into(form):
            submit_relocation(union, way=way, target=values["superior"], reason=values["reason"], by=request.user)
            message = f"转移申请已提交，等待{union.superior}和{values['superior']}审核，双方都通过后生效。"
            messages.success(request, message)
            return redirect("filings:own")
    context = {
        "form": form,
        "scans": scans,
        "union": union,
        "label": Relocation.Way(way).label,
        "facts": facts_of(union),
    }
    return render(request, "filings/relocate.html", context, status=422 if form.errors else 200)
