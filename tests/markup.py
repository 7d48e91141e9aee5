"""The elements of a page, however its template is laid out."""

import re

from django.http import HttpResponse


def markup(response: HttpResponse) -> str:
    """The page with no whitespace around its tags, and none but single spaces elsewhere."""
    page = re.sub(r"\s+", " ", response.content.decode())
    return re.sub(r" ?(<[^>]*?) ?(>) ?", r"\1\2", page)
