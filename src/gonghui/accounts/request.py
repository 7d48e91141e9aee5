"""The request of a signed-in user, for annotations: views behind the login never meet an anonymous one."""

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from gonghui.accounts.models import User


class Request(HttpRequest):
    """An HttpRequest as the middlewares leave it: ``user`` is ours, ``htmx`` tells a fragment from a page."""

    user: User
    htmx: HtmxDetails
