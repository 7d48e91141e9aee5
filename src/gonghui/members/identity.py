"""One person, one record: the members whose key is not what their number proves (SPEC 3.11).

Before a number was believed over the chosen type, a residence permit could be registered as a resident ID and again as
itself. Such a member is given the type and the key that the number proves; where somebody has that key already the two
are one person: the type is mended, the old key stays, and the pair is remembered until records can be merged.
"""

from collections.abc import Callable
from contextlib import suppress

from django.db import transaction

from gonghui.audit import verbs
from gonghui.audit.actions import record
from gonghui.audit.models import Entry
from gonghui.kit.documents import Invalid, check_document
from gonghui.members.models import Duplicate, Member
from gonghui.members.validation import document_key

verbs.register(member__document_proven="按证件号码改正证件类型", members__documents_proven="核对全部会员的证件类型")
verbs.facts("member", twice="与另一条记录重复")
verbs.facts("members", rules="规则版本", mended="改正人数")

RULES = 1
"""What a number proves (`kit.documents.check_document`): one more when that changes, so that all members are looked at again."""

BATCH = 2_000


def prove_once(progress: Callable[[int], None]) -> int | None:
    """`prove_documents`, unless it has come to its end under these RULES before: then None. At ten million it takes minutes."""
    if Entry.objects.filter(verb="members.documents_proven", data__rules=RULES).exists():
        return None
    mended = prove_documents(progress)
    with transaction.atomic():
        record("members.documents_proven", by=None, rules=RULES, mended=mended)
    return mended


def prove_documents(progress: Callable[[int], None] = lambda rows: None) -> int:
    """Look at every member once, oldest first; returns how many were mended. ``progress`` is told how many were looked at.

    Nothing is locked but a member who is mended, in a transaction of its own: it may be killed, and run at any time.
    """
    last, looked_at, mended = 0, 0, 0
    while True:
        rows = list(Member.objects.filter(pk__gt=last).order_by("pk").only(*_READ)[:BATCH])
        if not rows:
            return mended
        for member in rows:
            if _proven(member) != (member.document_type, bytes(member.document_hash)):
                mended += _mend(member.pk)
        last, looked_at = rows[-1].pk, looked_at + len(rows)
        progress(looked_at)


_READ = ("seal_id", "document_type", "document_sealed", "document_hash")


def _proven(member: Member) -> tuple[str, bytes]:
    """The type and the key that the number proves; what the member has where it breaks the rules of its type."""
    with suppress(Invalid):
        document = check_document(member.document_type, member.document_number)
        return document.doc_type, document_key(document.doc_type, document.number)
    return member.document_type, bytes(member.document_hash)


def _mend(pk: int) -> int:
    """Whether anything was to be mended."""
    with transaction.atomic():
        member = Member.objects.select_for_update(of=("self",)).select_related("union").get(pk=pk)
        doc_type, key = _proven(member)
        other = Member.objects.filter(document_hash=key).exclude(pk=pk).first()
        if other:
            Duplicate.objects.get_or_create(member=member, defaults={"other": other})
        else:
            Duplicate.objects.filter(member=member).delete()
        changed = {
            name: value
            for name, value in (("document_type", doc_type), ("document_hash", key))
            if value != (bytes(member.document_hash) if name == "document_hash" else member.document_type)
            and not (other and name == "document_hash")
        }
        if not changed:
            return 0
        for name, value in changed.items():
            setattr(member, name, value)
        member.save(update_fields=changed)
        record("member.document_proven", member, by=None, union=member.union, twice=other is not None)
    return 1
