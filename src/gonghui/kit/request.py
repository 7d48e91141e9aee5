"""The request as the middlewares leave it, for annotations."""

from typing import Any

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails


class AnyRequest(HttpRequest):
    """``htmx`` distinguishes a fragment from a page. Only accounts and the layers above know the type of ``user``.

    ``section``: the page (its URL name) under whose entry of the menu this one stands, where its address does not say:
    pages of an engine that serves several apps.
    """

    user: Any
    htmx: HtmxDetails
    section: str
