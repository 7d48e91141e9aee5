"""Documents of a programme: a PDF is written anew from its pages, and sent to whoever sees the programme (SPEC 6.1).

Nobody is notified: what people have booked by does not change.
"""

import hashlib

from django.core.files import File
from django.db import transaction
from django.db.models import F

from gonghui.accounts.models import User
from gonghui.accounts.rules import require
from gonghui.attachments.names import clean_name
from gonghui.audit import verbs
from gonghui.audit.actions import record
from gonghui.bookings.models import MAX_DOCUMENTS, Document, Programme
from gonghui.bookings.programmes.actions import lock_programme
from gonghui.bookings.rules import can_manage
from gonghui.bookings.sentences import NOT_MANAGER, limited
from gonghui.kit.days import today_began
from gonghui.kit.errors import Refused
from gonghui.kit.sanitizing import sanitize

verbs.register(programme__documented="添加项目资料", programme__undocumented="删除项目资料")
verbs.facts("programme", document="资料", pages="页数")

MAX_TITLE = 40
ADDED_A_DAY = 100
"""Of one publisher: each may have megabytes."""

NO_PDF = "只能上传 PDF 文件。Word、图片等请另存为 PDF 后再上传；图片也可以在“添加图片”中上传。"
GONE = "这份资料刚刚已经删除。请刷新页面查看。"
_PDF, _HEAD = b"%PDF-", 1024


def add_document(programme: Programme, file: File, *, title: str = "", by: User) -> Document:
    """Adds a PDF behind the others; without ``title`` it is called as the file.

    Raises Refused: ``by`` may not, no PDF, too many, the same file or title is there, or as ``sanitize``.
    """
    title = limited(title or _stem(file.name or ""), what="名称", field="title", most=MAX_TITLE)
    data = file.read()
    sha256 = hashlib.sha256(data).hexdigest()
    _require_room(programme, sha256, title, by)  # before the expensive work, and again under the lock
    if data and _PDF not in data[:_HEAD]:
        raise Refused(NO_PDF, field="file")
    clean = sanitize(data)
    with transaction.atomic():
        programme = lock_programme(programme, by)
        _require_room(programme, sha256, title, by)
        document = Document.objects.create(
            programme=programme,
            order=programme.documents.count() + 1,
            title=title,
            pages=clean.pages or 0,
            size=len(clean.data),
            content=clean.data,
            sha256=sha256,
            added_by=by,
        )
        record("programme.documented", programme, by=by, document=title, pages=document.pages)
    return document


def remove_document(document: Document, *, by: User) -> None:
    """Removes it for good; those behind it move up. Raises Refused: ``by`` may not, or it is removed already."""
    with transaction.atomic():
        programme = lock_programme(document.programme, by)
        rows = Document.objects.filter(programme=programme)
        found = rows.filter(pk=document.pk).defer("content").first()
        if found is None:
            raise Refused(GONE)
        record("programme.undocumented", programme, by=by, document=found.title)
        rows.filter(pk=found.pk).delete()
        rows.filter(order__gt=found.order).update(order=F("order") - 1)


def _stem(name: str) -> str:
    """The name of a file without its ending; of one that is too long, its beginning."""
    return clean_name(name, "pdf").removesuffix(".pdf")[:MAX_TITLE]


def _require_room(programme: Programme, sha256: str, title: str, by: User) -> None:
    require(can_manage, by, programme, sentence=NOT_MANAGER)
    there = programme.documents.defer("content")
    if same := there.filter(sha256=sha256).first():
        raise Refused(f"这个文件已经在这个项目中，名称是“{same}”，没有再次上传。", field="file")
    if there.filter(title=title).exists():
        raise Refused(f"已有名称是“{title}”的资料。请换一个名称，或先删除原来的。", field="title")
    if there.count() >= MAX_DOCUMENTS:
        raise Refused(f"一个项目最多 {MAX_DOCUMENTS} 份资料，已经满了。请先删除一份，再上传。", field="file")
    today = Document.objects.filter(programme__publisher=programme.publisher_id, added_at__gte=today_began())
    if today.count() >= ADDED_A_DAY:
        raise Refused(f"本工会今天已上传 {ADDED_A_DAY} 份资料，没有接收这一份。请明天再上传。", field="file")
