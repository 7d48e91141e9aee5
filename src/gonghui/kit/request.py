"""The request as the middlewares leave it, for annotations."""

from typing import Any

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails


class AnyRequest(HttpRequest):
    """``htmx`` tells a fragment from a page. Whose user it is, only the layers from accounts up can say.

    ``section``: the page (its URL name) under whose entry of the menu this one stands, where its address does not tell:
    pages of an engine that serves several apps.
    """

    user: Any
    htmx: HtmxDetails
    section: str
