"""What the editors' views share."""

from django.http import Http404

from gonghui.accounts.request import Request
from gonghui.publishing.rules import can_edit


def require_editor(request: Request) -> None:
    """Raises Http404 for whoever may not edit: the pages do not exist for others."""
    if not can_edit(request.user):
        raise Http404
