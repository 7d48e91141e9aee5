"""How the city runs the public pages, as every page asks it."""

from django.utils.timezone import localdate

from gonghui.publishing.models import Site


def site() -> Site:
    """Returns the settings; the defaults where nothing was ever set."""
    return Site.objects.filter(pk=1).first() or Site()


def is_grey(now: Site) -> bool:
    """Whether the pages are without colour today."""
    return now.grey_from is not None and now.grey_until is not None and now.grey_from <= localdate() <= now.grey_until
