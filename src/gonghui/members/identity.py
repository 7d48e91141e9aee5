"""One person, one record: the members whose key is not what their number proves (SPEC 3.11).

Earlier versions trusted the chosen type over the number, so a residence permit could be registered as a resident ID and
again as a permit. Such a member gets the type and the key that the number proves. If another record has that key, the
two are one person: the type is corrected, the old key stays, and the pair is stored until records can be merged.
"""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from django.db import transaction
from django.db.models import Q

from gonghui.audit import verbs
from gonghui.audit.actions import record
from gonghui.audit.models import Entry
from gonghui.kit.documents import Invalid, check_document
from gonghui.members.models import Alias, Duplicate, Member
from gonghui.members.validation import document_key

verbs.register(member__document_proven="按证件号码改正证件类型", members__documents_proven="核对全部会员的证件类型")
verbs.facts("member", twice="与另一条记录重复")
verbs.facts("members", rules="规则版本", mended="改正人数")

RULES = 1
"""Version of `kit.documents.check_document`: increase it when the result changes, so that all members are checked again."""

BATCH = 2_000


def prove_once(progress: Callable[[int], None]) -> int | None:
    """Runs `prove_documents` once for these RULES; returns None if it has finished before. Ten million members take minutes."""
    if Entry.objects.filter(verb="members.documents_proven", data__rules=RULES).exists():
        return None
    mended = prove_documents(progress)
    with transaction.atomic():
        record("members.documents_proven", by=None, rules=RULES, mended=mended)
    return mended


def prove_documents(progress: Callable[[int], None] = lambda rows: None) -> int:
    """Checks every member once, oldest first; returns how many were corrected. ``progress`` gets the number checked.

    Locks only a member that it corrects, in a separate transaction: it may be killed, and run at any time.
    """
    last_pk, checked, corrected = 0, 0, 0
    while True:
        rows = list(Member.objects.filter(pk__gt=last_pk).order_by("pk").only(*_READ)[:BATCH])
        if not rows:
            return corrected
        for member in rows:
            if _proven(member) != (member.document_type, bytes(member.document_hash)):
                corrected += _correct(member.pk)
        last_pk, checked = rows[-1].pk, checked + len(rows)
        progress(checked)


_READ = ("seal_id", "document_type", "document_sealed", "document_hash")


def _proven(member: Member) -> tuple[str, bytes]:
    """Returns the type and the key that the number proves; the stored ones if the number breaks the rules of its type."""
    with suppress(Invalid):
        document = check_document(member.document_type, member.document_number)
        return document.doc_type, document_key(document.doc_type, document.number)
    return member.document_type, bytes(member.document_hash)


def _merged(one: Member, other: Member) -> bool:
    """Whether one of them was merged into the other already (SPEC 5.6)."""
    return Alias.objects.filter(Q(member=one, main=other) | Q(member=other, main=one)).exists()


def _correct(pk: int) -> int:
    """Corrects a member under its lock; returns 1 if anything changed, else 0."""
    with transaction.atomic():
        member = Member.objects.select_for_update(of=("self",)).select_related("union").get(pk=pk)
        doc_type, key = _proven(member)
        duplicate = Member.objects.filter(document_hash=key).exclude(pk=pk).first()
        if duplicate and not _merged(member, duplicate):
            Duplicate.objects.get_or_create(member=member, defaults={"other": duplicate})
        else:
            Duplicate.objects.filter(member=member).delete()
        columns: dict[str, Any] = {}
        if doc_type != member.document_type:
            columns["document_type"] = doc_type
        if key != bytes(member.document_hash) and not duplicate:
            columns["document_hash"] = key
        if not columns:
            return 0
        member.save_columns(columns)
        record("member.document_proven", member, by=None, union=member.union, twice=duplicate is not None)
    return 1
