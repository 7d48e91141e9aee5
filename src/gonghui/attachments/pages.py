"""Attachments in the form of a request: the form uploads files, and lists the attached ones.

    scans = AttachmentsOfForm(request, AmendmentKind.code)    # adds and removes attachments
    if not scans.only and form.is_valid(): …                  # the form itself was submitted

With scripts each file is uploaded when it is chosen (static/attachments.js); without scripts the form uploads them.
"""

from collections.abc import Sequence

from django.core.files import File

from gonghui.accounts.request import Request
from gonghui.attachments import actions
from gonghui.attachments.hooks import scans_of
from gonghui.attachments.models import Attachment
from gonghui.attachments.queries import collected
from gonghui.attachments.rules import can_attach
from gonghui.kit.errors import Refused
from gonghui.kit.forms import row_id
from gonghui.kit.uploads import MAX_UPLOAD_BYTES, too_large
from gonghui.reviews.scans import Scans

NO_FILE = "请先选择文件，再上传。"
TOO_LARGE = (
    "文件超过 10 MB，没有上传。请用 300 dpi 以下重新扫描，或拆成几个文件；没有脚本时一次上传的文件合计不能超过 10 MB。"
)


class AttachmentsOfForm:
    """The attachments of a request's form; adds and removes those of the present POST.

    ``only``: the POST only adds or removes attachments, or an attachment was refused. The view then shows the form
    again with its values.
    """

    most = actions.MOST
    most_bytes = MAX_UPLOAD_BYTES

    def __init__(self, request: Request, kind: str, about: str = "") -> None:
        self.kind, self.about, self._user = kind, about, request.user
        self.offered = can_attach(request.user, kind, about)
        self.problems: list[str] = []
        self.only = False
        if self.offered and request.method == "POST":
            self._take(request)

    @property
    def scans(self) -> Scans:
        return scans_of(self.kind)

    @property
    def attachments(self) -> Sequence[Attachment]:
        """The attachments that will be submitted."""
        return collected(self._user, self.kind, self.about)

    def _take(self, request: Request) -> None:
        if too_large(request):
            self.problems.append(TOO_LARGE)
        for scan in self.scans.kinds:
            self.problems += keep(request, self.kind, self.about, scan, request.FILES.getlist(f"attachment-{scan}"))
        removed = row_id(request.POST.get("detach")) or 0
        for attachment in self.attachments if removed else ():
            if attachment.pk == removed:
                actions.detach(attachment, by=request.user)
        self.only = bool(self.problems or {"attach", "detach"} & set(request.POST))


def keep(request: Request, kind: str, about: str, scan: str, files: Sequence[File]) -> list[str]:
    """Attaches the files; returns a sentence for each refused one."""
    problems = []
    for file in files:
        try:
            actions.attach(kind, about, scan, file, by=request.user)
        except Refused as refused:
            problems.append(f"“{(file.name or '')[:60]}”没有上传：{refused.sentence}")
    return problems
