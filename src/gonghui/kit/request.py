"""The request as the middlewares leave it, for annotations."""

from typing import Any

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails


class AnyRequest(HttpRequest):
    """``htmx`` tells a fragment from a page. Whose user it is, only the layers from accounts up can say."""

    user: Any
    htmx: HtmxDetails
