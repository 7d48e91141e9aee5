"""「审计查询」: who did what, when, from where (SPEC 7.2)."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from gonghui.audit.forms import EntryFilter
from gonghui.audit.hooks import VERBS, union_names
from gonghui.audit.models import Entry
from gonghui.audit.rules import can_search
from gonghui.audit.subjects import changes_of
from gonghui.audit.verbs import Change, change_said, said
from gonghui.kit.paging import paginate
from gonghui.kit.request import AnyRequest


@require_GET
def search(request: AnyRequest) -> HttpResponse:
    """The newest entries first, for the city's platform administrators. A filter that is wrong finds nothing."""
    if not can_search(request.user):
        raise Http404
    filters = EntryFilter(request.GET)
    entries = filters.narrow(Entry.objects.visible_to(request.user)).select_related("actor")
    page = paginate(request, entries, order=("-at", "-id"), size=50)
    context = {"page": page, "lines": in_words(page.rows), "filters": filters}
    return render(request, "audit/search.html", context, status=filters.status)


@dataclass(frozen=True)
class EntryLine:
    """An entry as its line says it; ``account`` is the e-mail behind a name."""

    entry: Entry
    words: str
    who: str
    account: str
    union: str
    facts: Sequence[tuple[str, str]]
    changes: Sequence[str]


def in_words(entries: Sequence[Entry]) -> list[EntryLine]:
    """The lines of the entries, asked for with their ``actor``: some queries for all of them."""
    unions = union_names({entry.union_id for entry in entries if entry.union_id})
    changes = changes_of(entries)
    return [_line(entry, unions.get(entry.union_id or 0, ""), changes.get(entry.pk, ())) for entry in entries]


def _line(entry: Entry, union: str, changes: Sequence[Change]) -> EntryLine:
    name, email = (entry.actor.name, entry.actor.email) if entry.actor else ("", "")
    facts = [said(entry.verb, key, value) for key, value in entry.data.items()]
    return EntryLine(
        entry,
        words=VERBS.get(entry.verb, entry.verb),
        who=name or entry.actor_label,
        account=email if name else "",
        union=union,
        facts=[(label, text) for label, text in facts if label],
        changes=[change_said(change) for change in (*entry.data.get("changes", ()), *changes)],
    )
