"""The request of a signed-in user: views that require a login never get an anonymous one."""

from django.http import Http404

from gonghui.accounts.models import User
from gonghui.kit.request import AnyRequest
from gonghui.unions.models import Union


class Request(AnyRequest):
    """For annotations: ``user`` is an account."""

    user: User


def own_union(request: Request) -> Union:
    """Returns the union of the signed-in user. Raises Http404 when the user has none."""
    if request.user.union is None:
        raise Http404
    return request.user.union
