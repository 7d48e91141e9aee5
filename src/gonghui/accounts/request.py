"""The request of a signed-in user: views behind the login never meet an anonymous one."""

from django.http import Http404

from gonghui.accounts.models import User
from gonghui.kit.request import AnyRequest
from gonghui.unions.models import Union


class Request(AnyRequest):
    """For annotations: ``user`` is ours."""

    user: User


def own_union(request: Request) -> Union:
    """The union of who is signed in. Raises Http404 while there is none: then the pages of a union are not there."""
    if request.user.union is None:
        raise Http404
    return request.user.union
