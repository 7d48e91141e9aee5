"""「采集项目」: what is collected now and soon, a new policy, its draft with the gaps that it would make."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import localdate
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from gonghui.accounts.request import Request
from gonghui.kit.errors import Refused
from gonghui.policies.columns import actions
from gonghui.policies.columns.actions import label_of
from gonghui.policies.columns.forms import ColumnsForm
from gonghui.policies.columns.queries import coming, confirmed, drafts_of, preceding
from gonghui.policies.hooks import SUBJECTS, Subject
from gonghui.policies.models import ColumnPolicy, ColumnPolicyState
from gonghui.policies.rules import can_see_columns, can_set_columns


@dataclass(frozen=True)
class Line:
    """A column as the page shows it; ``then`` and ``from_`` where a confirmed policy will change it."""

    group: str
    label: str
    now: str
    now_label: str
    then: str = ""
    from_: date | None = None


@never_cache
@require_GET
def columns(request: Request) -> HttpResponse:
    """What is collected of unions and members, and what is confirmed for later; all superiors see it."""
    if not can_see_columns(request.user):
        raise PermissionDenied
    parts = [_part(key, subject) for key, subject in SUBJECTS.items()]
    return render(request, "policies/columns.html", {"parts": parts, "may_set": can_set_columns(request.user)})


def _part(key: str, subject: Subject) -> dict[str, Any]:
    policy, later = confirmed(key), coming(key)
    return {
        "key": key,
        "subject": subject,
        "policy": policy,
        "coming": later,
        "lines": _lines(subject, policy.requirements if policy else {}, later),
        "draft": drafts_of(key).first(),
    }


def _lines(subject: Subject, now: Mapping[str, str], later: Sequence[ColumnPolicy]) -> list[Line]:
    lines = []
    for name, column in subject.by_name.items():
        change = next((policy for policy in later if policy.requirements.get(name) != now.get(name)), None)
        lines.append(
            Line(
                column.group,
                column.label,
                now.get(name, "off"),
                label_of(now, name),
                label_of(change.requirements, name) if change else "",
                change.valid_from if change else None,
            )
        )
    return lines


@never_cache
@require_http_methods(["GET", "POST"])
def edit(request: Request, key: str) -> HttpResponse:
    """The choices for a subject, beginning with those that hold last; saved as a draft."""
    if key not in SUBJECTS:
        raise Http404
    if not can_set_columns(request.user):
        raise PermissionDenied
    subject = SUBJECTS[key]
    later = coming(key)
    last = later[-1] if later else confirmed(key)
    form = ColumnsForm(
        request.POST or None,
        subject=subject,
        holds=last.requirements if last else {},
        initial={"valid_from": _next_month().isoformat()},
    )
    if form.is_valid():
        try:
            policy = actions.draft(key, form.wanted, form.cleaned_data["valid_from"], by=request.user)
        except Refused as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, refusal.sentence)
        else:
            return redirect("policies:draft", policy.pk)
    context = {"form": form, "subject": subject}
    return render(request, "policies/columns_edit.html", context, status=422 if form.errors else 200)


def _next_month() -> date:
    return (localdate().replace(day=1) + timedelta(days=32)).replace(day=1)


@never_cache
@require_GET
def draft(request: Request, pk: int) -> HttpResponse:
    """A draft with what it changes and how many rows it would make incomplete; polled while the job counts."""
    policy = _policy(request, pk)
    subject = SUBJECTS[policy.subject]
    now = preceding(policy)
    changes = [
        (column.label, label_of(now, name), label_of(policy.requirements, name), policy.gaps.get(name))
        for name, column in subject.by_name.items()
        if now.get(name) != policy.requirements.get(name)
    ]
    context = {
        "policy": policy,
        "subject": subject,
        "changes": changes,
        "any": policy.gaps.get(""),
        "counting": policy.state == ColumnPolicyState.COUNTING,
        "open": policy.state in (ColumnPolicyState.COUNTING, ColumnPolicyState.DRAFT),
    }
    return render(
        request, "policies/columns_draft.html#draft" if request.htmx else "policies/columns_draft.html", context
    )


@require_POST
def confirm(request: Request, pk: int) -> HttpResponse:
    """「确认执行」."""
    policy = actions.confirm(_policy(request, pk).pk, by=request.user)
    messages.success(request, f"已确认，自 {policy.valid_from:%Y-%m-%d} 起执行。")
    return redirect("policies:columns")


@require_POST
def withdraw(request: Request, pk: int) -> HttpResponse:
    """「作废」, of a draft or of what has not begun."""
    policy = actions.withdraw(_policy(request, pk).pk, by=request.user)
    messages.success(request, f"已作废 {policy.valid_from:%Y-%m-%d} 起的设定，现在执行的设定不变。")
    return redirect("policies:columns")


def _policy(request: Request, pk: int) -> ColumnPolicy:
    if not can_set_columns(request.user):
        raise Http404
    return get_object_or_404(ColumnPolicy.objects.select_related("drafted_by", "confirmed_by"), pk=pk)
