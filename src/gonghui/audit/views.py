"""「审计查询」: who did what, when and from where (SPEC 7.2)."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from gonghui.audit.forms import EntryFilter
from gonghui.audit.hooks import RECORDED_CHANGES, VERBS, union_names
from gonghui.audit.models import Entry
from gonghui.audit.rules import can_search
from gonghui.audit.verbs import Change, change_said, said
from gonghui.kit.paging import paginate
from gonghui.kit.request import AnyRequest
from gonghui.kit.sorting import sorting_of


@require_GET
def search(request: AnyRequest) -> HttpResponse:
    """The newest entries first, for the city's platform administrators. An invalid filter finds nothing."""
    if not can_search(request.user):
        raise Http404
    filters = EntryFilter(request.GET)
    entries = filters.narrow(Entry.objects.visible_to(request.user)).select_related("actor")
    sorting = sorting_of(request, {"at": ("at", "id")}, "-at")
    page = paginate(request, entries, order=sorting.order, size=50)
    context = {"page": page, "sorting": sorting, "lines": in_words(page.rows), "filters": filters}
    return render(request, "audit/search.html", context, status=filters.status)


@dataclass(frozen=True)
class EntryLine:
    """An entry as the page shows it; ``account`` is the e-mail of the actor."""

    entry: Entry
    words: str
    who: str
    account: str
    union: str
    facts: Sequence[tuple[str, str]]
    changes: Sequence[str]


def in_words(entries: Sequence[Entry]) -> list[EntryLine]:
    """Returns the lines of the entries, which are selected with their ``actor``: a few queries for all of them."""
    unions = union_names({entry.union_id for entry in entries if entry.union_id})
    changes = changes_of(entries)
    return [_line(entry, unions.get(entry.union_id or 0, ""), changes.get(entry.pk, ())) for entry in entries]


def changes_of(entries: Sequence[Entry]) -> dict[int, Sequence[Change]]:
    """Returns the changes of the entries, by their ids, if an app keeps versions: a few queries for all of them."""
    by_entry: dict[int, Sequence[Change]] = {}
    for object_type, changes in RECORDED_CHANGES.items():
        if of_type := [entry for entry in entries if entry.object_type == object_type]:
            by_entry |= changes(of_type)
    return by_entry


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
