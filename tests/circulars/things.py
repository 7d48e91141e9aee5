"""The things of the world (tests/world.py) that are of circulars."""

from functools import cached_property

from gonghui.circulars.models import Circular
from tests.circulars.stories import drafted, sent
from tests.people import Cast


class Circulars:
    """What `cast.district` has written."""

    cast: Cast

    @cached_property
    def draft_circular(self) -> Circular:
        return drafted(self.cast)

    @cached_property
    def circular(self) -> Circular:
        """To be confirmed by all below the district."""
        return sent(self.cast, confirm=True)
