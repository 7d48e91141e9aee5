"""Reads of the audit that several places share."""

from datetime import timedelta

from django.db.models import Q
from django.utils import timezone

from gonghui.audit.hooks import LISTED_AS, LOOKS, references_to_member
from gonghui.audit.models import Entry, EntryQuerySet, Subject
from gonghui.audit.verbs import BY_UNION, EACH

ENTRY = "audit.entry"
"""The object type of `references_to_member` that stands for entries themselves."""

MAX_ENTRIES = 500
"""Exports and lists that are found for one person, the newest; years of them."""

MAX_COUNTED = 1000
COUNTED_DAYS = 365


def concerning(number: str) -> Q:
    """Returns the condition on entries about a member: disclosures, edits, exports that held the member, actions on a
    request of the member and its export, and acts on several members or requests at once.

    Each part is a few ids of one type, so that the key and the indexes ``entry_object_at`` and ``entry_of_several`` find
    them among any number of entries.
    """
    condition = Q(pk__in=[])
    for object_type, ids in references_to_member(number):
        if ids := list(ids):
            condition |= Q(pk__in=ids) if object_type == ENTRY else Q(object_type=object_type, object_id__in=ids)
            for pk in ids if object_type in LISTED_AS else ():
                condition |= Q(object_type="", data__contains={LISTED_AS[object_type]: [pk]})
    return condition


def entries_holding(person: int) -> list[int]:
    """Returns the ids of the entries whose ``people`` this person is among, the newest MAX_ENTRIES."""
    rows = Subject.objects.filter(person_id=person).order_by("-at", "-entry_id")
    return list(rows.values_list("entry_id", flat=True)[:MAX_ENTRIES])


def looks_at(number: str) -> EntryQuerySet:
    """Returns the entries that say who was shown the data of the member with this 会员编号."""
    verbs = [verb for verb, whose in LOOKS.items() if whose == EACH]
    return Entry.objects.filter(concerning(number), verb__in=verbs).select_related("actor__union")


def looks_by_union(union_id: int) -> int:
    """Returns how many looks at the union's people, of a year, do not tell of each person; MAX_COUNTED at most."""
    verbs = [verb for verb, whose in LOOKS.items() if whose == BY_UNION]
    since = timezone.now() - timedelta(days=COUNTED_DAYS)
    return Entry.objects.filter(union_id=union_id, verb__in=verbs, at__gte=since)[:MAX_COUNTED].count()
