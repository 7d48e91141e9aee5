"""What the tests of attachments share."""

from django.core.files.uploadedfile import SimpleUploadedFile

from gonghui.accounts.models import User
from gonghui.attachments.actions import attach
from gonghui.attachments.models import Attachment
from gonghui.reviews.models import Review
from tests.filings.stories import amended
from tests.people import Cast
from tests.scans import png

NAME = "上海示例科技有限公司 营业执照.png"


def file(data: bytes | None = None, name: str = NAME) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, png() if data is None else data)


def collected(by: User, *, kind: str = "amendment", about: str = "", scan: str = "licence") -> Attachment:
    """A scan that ``by`` has uploaded for a request that is not submitted yet."""
    return attach(kind, about, scan, file(), by=by)


def attached(cast: Cast) -> tuple[Review, Attachment]:
    """The officer's amendment with one scan: it waits for the street."""
    attachment = collected(cast.officer)
    review = amended(cast, address="示例路2号").review
    attachment.refresh_from_db()
    assert review
    return review, attachment
