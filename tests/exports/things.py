"""The things of the world (tests/world.py) that are of exports."""

from functools import cached_property

from gonghui.exports.models import Export
from tests.exports.stories import pending, ready
from tests.people import Cast


class ExportThings:
    """Exports of `cast.union`."""

    cast: Cast

    @cached_property
    def pending_export(self) -> Export:
        """`cast.street` is asked, since the officer is alone."""
        return pending(self.cast)

    @cached_property
    def ready_export(self) -> Export:
        """Approved by a colleague and written."""
        return ready(self.cast)
