"""Writes of attachments: add to a draft, remove from it, submit the draft with the request, download."""

from collections.abc import Sequence
from uuid import uuid4

from django.core.files import File
from django.db import IntegrityError, transaction
from django.utils import timezone

from gonghui.accounts.models import User
from gonghui.accounts.rules import require
from gonghui.attachments.hooks import kind_of, scans_of
from gonghui.attachments.models import Attachment, Bundle, Kept
from gonghui.attachments.names import clean_name
from gonghui.attachments.queries import collected, drafts, listed, of_last_round
from gonghui.attachments.rules import can_attach
from gonghui.audit import verbs
from gonghui.audit.actions import record
from gonghui.kit.days import today_began
from gonghui.kit.errors import Refused
from gonghui.kit.sanitizing import sanitize
from gonghui.kit.sealing import purpose
from gonghui.reviews.models import Review
from gonghui.reviews.scans import ScanKind

verbs.register(
    attachment__added="上传附件",
    attachment__removed="移除附件",
    attachment__submitted="随申请提交附件",
    attachment__kept="沿用附件",
    attachment__downloaded="下载附件",
)
verbs.looks(attachment__downloaded=verbs.EACH)


def _label(code: str) -> str:
    """The kind of request in words. Raises KeyError for an unknown code, as ``record`` wants."""
    if (kind := kind_of(code)) is None:
        raise KeyError(code)
    return kind.label


verbs.facts("attachment", scan=("材料", ScanKind), kind=("申请", _label))

MOST = 10
"""Maximum number of attachments of one request."""
ADDED_A_DAY = 200
"""Maximum number of attachments that a union may add per day: each has megabytes."""

_MAY_NOT = "您不能为这项申请上传附件。请刷新页面；如仍不能上传，请联系本工会的管理员或上级工会。"


def attach(kind: str, about: str, scan: str, file: File, *, by: User) -> Attachment:
    """Adds one sanitized and sealed scan to the draft of a request that ``by`` will submit.

    Raises Refused when ``by`` may not, the kind of request takes no such scan, there are too many, or as ``sanitize``.
    """
    _require_below_limits(kind, about, by)  # before the expensive work, and again under the lock
    if scan not in scans_of(kind).kinds:
        raise Refused("请选择材料种类，再上传。", field="scan")
    clean = sanitize(file.read())
    owner = uuid4()
    with transaction.atomic():
        bundle = _lock_draft(kind, about, by, of_last_round(by, kind, about))
        _require_below_limits(kind, about, by)
        attachment = Attachment.objects.create(
            bundle=bundle,
            scan=scan,
            seal_id=owner,
            name_sealed=purpose(Attachment, "name_sealed").seal(clean_name(file.name or "", clean.type), owner),
            content_sealed=purpose(Attachment, "content_sealed").seal_bytes(clean.data, owner),
            type=clean.type,
            size=len(clean.data),
            pages=clean.pages,
            width=clean.width,
            height=clean.height,
            sent_by=by,
        )
        record("attachment.added", attachment, by=by, union=bundle.union, scan=scan, kind=kind)
    return attachment


def detach(attachment: Attachment, *, by: User) -> None:
    """Removes a scan from the draft; a scan of the last round remains in that round.

    Raises Refused when the request is submitted, or ``by`` may not.
    """
    with transaction.atomic():
        bundle = Bundle.objects.select_for_update(of=["self"]).select_related("union").get(pk=attachment.bundle_id)
        require(can_attach, by, bundle.kind, bundle.about, sentence=_MAY_NOT)
        if bundle.submitted_at:
            draft = _begun_draft(bundle.kind, bundle.about, by)
            if draft is None or not Kept.objects.filter(bundle=draft, attachment=attachment).delete()[0]:
                raise Refused("申请已经提交，附件不能再移除。如需更换，请先撤回申请。")
            record("attachment.removed", attachment, by=by, union=bundle.union, scan=attachment.scan, kind=bundle.kind)
            return
        if bundle.made_by_id != by.pk:
            raise Refused("这个附件由其他经办人上传，只有本人可以移除。")
        record("attachment.removed", attachment, by=by, union=bundle.union, scan=attachment.scan, kind=bundle.kind)
        Attachment.objects.filter(pk=attachment.pk).delete()


def take_drafts(kind: str, about: str, *, by: User, review: Review | None = None) -> Bundle | None:
    """Submits the draft of ``by`` with the request, in the caller's transaction. Returns None if there is no scan.

    Raises Refused when a required scan is missing.
    """
    scans = scans_of(kind)
    if not scans.kinds:
        return None
    bundle = _begun_draft(kind, about, by, before=review)
    kept = [attachment.scan for attachment in listed(drafts(by, kind, about))]
    if missing := [scan.label for scan in scans.required if scan not in kept]:
        raise Refused(f"还没有上传{'、'.join(missing)}的扫描件。请在“附件”中上传后再提交。")
    if bundle is None or not kept:
        return None
    bundle.review, bundle.submitted_at = review, timezone.now()
    bundle.save(update_fields=["review", "submitted_at"])
    record("attachment.submitted", bundle, by=by, union=bundle.union, kind=kind, count=len(kept))
    return bundle


def keep_again(bundle: Bundle, *, by: User) -> None:
    """Copies the scans of an ended request into the draft of the next one, for requests without rounds.

    Raises Refused: ``by`` may not, the request is not of ``by``'s union, or there are too many.
    """
    scans = [scan for scan in listed(Bundle.objects.filter(pk=bundle.pk)) if not scan.removed_at]
    with transaction.atomic():
        require(can_attach, by, bundle.kind, bundle.about, sentence=_MAY_NOT)
        if bundle.union_id != by.union_id:
            raise Refused(_MAY_NOT)
        draft = _lock_draft(bundle.kind, bundle.about, by, scans)
        _keep(draft, scans)
        if len(collected(by, bundle.kind, bundle.about)) > MOST:
            raise Refused(f"一项申请最多 {MOST} 个附件。请先在申请表中移除不需要的，再带上这些。")
        record("attachment.kept", draft, by=by, union=draft.union, kind=draft.kind, count=len(scans))


def take_along(review: Review, about: str, by: User) -> None:
    """Submits the draft with a review, for ``reviews.hooks.on_submitted``."""
    take_drafts(review.kind, about, by=by, review=review)


def download(attachment: Attachment, *, by: User) -> bytes:
    """Returns the contents and records the disclosure (SPEC 7.2). Raises Refused when the contents are deleted."""
    if attachment.removed_at:
        raise Refused("申请办结已久，这个附件的内容已按保留期限清除。如需原件，请联系提交申请的工会。")
    with transaction.atomic():
        bundle = attachment.bundle
        record("attachment.downloaded", attachment, by=by, union=bundle.union, scan=attachment.scan, kind=bundle.kind)
    return attachment.content


def _require_below_limits(kind: str, about: str, by: User) -> None:
    require(can_attach, by, kind, about, sentence=_MAY_NOT)
    if len(collected(by, kind, about)) >= MOST:
        raise Refused(f"一项申请最多 {MOST} 个附件。请先移除不需要的，或把几页合并成一个 PDF 再上传。")
    if Attachment.objects.filter(bundle__union=by.union_id, sent_at__gte=today_began()).count() >= ADDED_A_DAY:
        raise Refused(f"本工会今天已上传 {ADDED_A_DAY} 个附件，没有接收这一个。请明天再上传。")


def _lock_draft(kind: str, about: str, by: User, scans: Sequence[Attachment]) -> Bundle:
    """Returns the draft, locked. Creates it with these ``scans`` of the last round if it does not exist.

    Raises Refused when another window has just submitted it.
    """
    try:
        with transaction.atomic():
            begun, made = Bundle.objects.get_or_create(
                submitted_at=None, made_by=by, union=by.union, kind=kind, about=about
            )
            if made:
                _keep(begun, scans)
    except IntegrityError:
        pass  # another window has just created it
    draft = _draft(kind, about, by)
    if draft is None:  # another window has submitted it meanwhile
        raise Refused("这项申请刚刚已经提交，这个附件没有一起提交。请刷新页面查看。")
    return draft


def _begun_draft(kind: str, about: str, by: User, *, before: Review | None = None) -> Bundle | None:
    """Returns the draft, locked. Creates it if the last round had scans."""
    draft = _draft(kind, about, by)
    if draft is None and (scans := of_last_round(by, kind, about, before=before)):
        return _lock_draft(kind, about, by, scans)
    return draft


def _draft(kind: str, about: str, by: User) -> Bundle | None:
    return drafts(by, kind, about).select_for_update(of=["self"]).select_related("union").first()


def _keep(draft: Bundle, scans: Sequence[Attachment]) -> None:
    Kept.objects.bulk_create((Kept(bundle=draft, attachment=scan) for scan in scans), ignore_conflicts=True)
