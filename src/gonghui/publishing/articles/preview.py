"""Links by which anybody may read one revision for a week, before it is public."""

from django.core import signing
from django.urls import reverse

from gonghui.publishing.models import Revision

_SALT = "gonghui.publishing.preview"
DAYS = 7


def preview_path(revision: Revision) -> str:
    """Returns the address of a page that shows this revision and no other."""
    return reverse("preview", args=[signing.dumps(revision.pk, salt=_SALT)])


def revision_of(token: str) -> Revision | None:
    """Returns the revision of a link; None when it has expired or was not made here."""
    try:
        pk = signing.loads(token, salt=_SALT, max_age=DAYS * 86_400)
    except signing.BadSignature:
        return None
    return Revision.objects.select_related("article__local__union", "cover").filter(pk=pk).first()
