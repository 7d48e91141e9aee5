"""「查阅记录」: who was shown a member's data, when and what for (SPEC 7.6)."""

from dataclasses import replace

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from gonghui.accounts.request import Request
from gonghui.audit.models import Entry
from gonghui.audit.pages import in_words
from gonghui.audit.queries import MAX_COUNTED, looks_at, looks_by_union
from gonghui.audit.verbs import said
from gonghui.kit.paging import paginate
from gonghui.members.models import Member
from gonghui.members.rules import can_see_looks

TOLD = ("purpose", "full", "sensitive", "count", "way")
"""What is told of a look, beside who and when; digests and the like are for the audit."""


def _told(entry: Entry) -> list[tuple[str, str]]:
    return [said(entry.verb, key, entry.data[key]) for key in TOLD if key in entry.data]


@never_cache
@require_GET
def looks(request: Request, pk: int) -> HttpResponse:
    """The newest first; below them, how often lists of the union were looked at that do not tell of each person."""
    member = get_object_or_404(Member.objects.visible_to(request.user), pk=pk)
    if not can_see_looks(request.user):
        raise PermissionDenied
    page = paginate(request, looks_at(member.number), order=("-at", "-id"), size=20)
    context = {
        "member": member,
        "can_see_looks": True,
        "page": page,
        "lines": [replace(line, facts=_told(line.entry)) for line in in_words(page.rows)],
        "by_union": looks_by_union(member.union_id) if member.union_id else 0,
        "most": MAX_COUNTED,
    }
    return render(request, "members/looks.html", context)
