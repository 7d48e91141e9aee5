"""The type of a request after the middlewares, for annotations."""

from typing import Any

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails


class AnyRequest(HttpRequest):
    """``htmx`` distinguishes a fragment from a page. Only accounts and the layers above know the type of ``user``.

    ``section``: the URL name of the page whose menu entry is marked, if the address does not determine it: on pages of
    an engine that serves several apps.
    """

    user: Any
    htmx: HtmxDetails
    section: str
