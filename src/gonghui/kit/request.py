"""The request as the middlewares leave it, for annotations."""

from typing import Any

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails


class AnyRequest(HttpRequest):
    """``htmx`` distinguishes a fragment from a page. Only accounts and the layers above know the type of ``user``."""

    user: Any
    htmx: HtmxDetails
