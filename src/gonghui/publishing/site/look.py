"""What a public page looks like: without colour on the city's days, with larger letters where the visitor wants them."""

from django.conf import settings
from django.http import HttpRequest

from gonghui.publishing.site.queries import is_grey, site

LARGE = "large"


def look_of(request: HttpRequest) -> str:
    """Returns the classes of the page's root."""
    large = is_large(request)
    return " ".join(name for name, holds in (("grey", is_grey(site())), ("large", large)) if holds)


def is_large(request: HttpRequest) -> bool:
    """Whether the visitor has chosen 「适老版」."""
    return request.COOKIES.get(settings.VIEW_COOKIE_NAME) == LARGE
