"""What the editors' views share."""

from django.http import Http404

from gonghui.accounts.request import Request
from gonghui.publishing.models import LocalSection
from gonghui.publishing.rules import is_city_editor, own_local


def require_editor(request: Request) -> None:
    """Raises Http404 for whoever may not edit: the pages do not exist for others."""
    editors_section(request)


def editors_section(request: Request) -> LocalSection | None:
    """Returns the section of an editor of a district or bureau, None for the city's. Raises Http404 for anybody else."""
    if is_city_editor(request.user):
        return None
    local = own_local(request.user)
    if local is None:
        raise Http404
    return local
