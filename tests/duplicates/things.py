"""Look-alikes, for the world of addresses."""

from functools import cached_property

from gonghui.duplicates.actions import dismiss, undo
from gonghui.duplicates.models import Merge, Pair
from gonghui.duplicates.queries import version_of
from tests.duplicates.stories import merged, paired, silent
from tests.people import Cast


class Duplicates:
    """Two records of `cast.union`, or one of it and one of `cast.far`."""

    cast: Cast

    @cached_property
    def pair(self) -> Pair:
        return paired(self.cast.union, self.cast.union)

    @cached_property
    def dismissed_pair(self) -> Pair:
        pair = paired(self.cast.union, self.cast.union, name="李双生")
        return dismiss(pair, note="双胞胎", version=version_of(pair), by=self.cast.officer)

    @cached_property
    def merged_pair(self) -> Pair:
        return merged(paired(self.cast.union, self.cast.union, name="李合并"), self.cast.officer).pair

    @cached_property
    def asked_merge(self) -> Merge:
        """Another one than `cast.neighbour`, which other things dissolve."""
        return merged(paired(self.cast.union, self.cast.far, name="李两家"), self.cast.platform_admin)

    @cached_property
    def silent_pair(self) -> Pair:
        """Decided by the city: the unions are in two districts."""
        return silent(paired(self.cast.union, self.cast.far, name="李逾期"), self.cast.platform_admin).pair

    @cached_property
    def undone_merge(self) -> Merge:
        merge = merged(paired(self.cast.union, self.cast.union, name="李撤销"), self.cast.officer)
        return undo(merge, by=self.cast.officer)
