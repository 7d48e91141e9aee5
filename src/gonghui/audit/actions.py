"""``record``: the only function that writes entries."""

from typing import Any

from django.db import connection, models

from gonghui.audit.context import current
from gonghui.audit.hooks import VERBS
from gonghui.audit.models import Entry
from gonghui.audit.verbs import fact
from gonghui.kit.bulk import execute

_SUBJECTS = """
INSERT INTO audit_subject (person_id, at, entry_id)
SELECT DISTINCT unnest(%s::bigint[]), at, id FROM audit_entry WHERE id = %s
"""


def record(
    verb: str,
    obj: models.Model | None = None,
    *,
    by: models.Model | None,
    union: models.Model | None = None,
    people: Any = (),
    **data: Any,
) -> Entry:
    """Records what ``by`` (None: the system) did to ``obj``, in the caller's transaction.

    ``verb`` is ``noun.verbed``; it is registered with verbs.py, and so are the keys of ``data`` and the codes among its
    values. ``people`` is a sequence of the ids of the members whose data the act shows or takes along, besides the
    object; each finds the entry again (`Subject`). ``data`` must be JSON without full personal data. Raises KeyError for
    an unregistered verb, key or code, and RuntimeError outside a transaction: a change and its record must commit
    together.
    """
    VERBS[verb]
    for key, value in data.items():
        fact(verb, key).said(value)
    if not connection.in_atomic_block:
        raise RuntimeError("audit.record needs the transaction of the change that it records")
    context = current.get()
    entry = Entry.objects.create(
        verb=verb,
        actor_id=by.pk if by else None,
        actor_label=str(by) if by else "系统",
        union_id=union.pk if union else getattr(by, "union_id", None),
        object_type=obj._meta.label_lower if obj else "",
        object_id=obj.pk if obj else None,
        label=str(obj) if obj else "",
        data=data,
        address=context.address,
        request_id=context.request_id,
    )
    if people:
        execute(_SUBJECTS, [list(people), entry.pk])
    return entry
