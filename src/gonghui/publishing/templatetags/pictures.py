"""Pictures on public pages."""

from django import template
from django.utils.safestring import SafeString

from gonghui.publishing.html import picture_tag
from gonghui.publishing.models import Picture

register = template.Library()


@register.simple_tag
def picture(one: Picture, sizes: str, now: bool = False) -> SafeString:
    """Draws a picture; ``now``: it is seen at once, so it does not wait for the rest of the page."""
    return picture_tag(one, sizes=sizes, lazy=not now)
