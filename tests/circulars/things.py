"""The things of the world (tests/world.py) that are of circulars."""

from functools import cached_property

from gonghui.circulars.actions import recall
from gonghui.circulars.models import Circular
from tests.circulars.stories import delivered, drafted, sent
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

    @cached_property
    def recalled_circular(self) -> Circular:
        circular = recall(sent(self.cast), reason="日期写错", by=self.cast.district_admin)
        delivered(circular)
        return circular
