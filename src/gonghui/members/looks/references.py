"""What the audit may say about a member, for its search and 「查阅记录」."""

from gonghui.attachments.models import Attachment
from gonghui.audit.hooks import References
from gonghui.audit.queries import ENTRY, entries_holding
from gonghui.members.models import Member


def audited(number: str) -> References:
    """Yields the member, the corrections, their scans, and the imports that added or changed the member.

    For ``audit.hooks.references_to_member``.
    """
    for member in Member.objects.filter(number=number):
        yield "members.member", [member.pk]
        yield ENTRY, entries_holding(member.pk)
        yield "reviews.review", member.corrections.values_list("review", flat=True)
        scans = Attachment.objects.filter(bundle__review__correction__member=member)
        yield "attachments.attachment", scans.values_list("pk", flat=True)
        changed = member.events.filter(pgh_context__batch__isnull=False).values_list("pgh_context__batch", flat=True)
        yield "imports.batch", {member.batch_id, *changed} - {None}
