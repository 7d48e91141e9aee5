"""The things of the world (tests/world.py) that are of the tree of superior unions."""

from functools import cached_property

from gonghui.superiors.models import TreeChange
from tests.people import Cast
from tests.superiors.stories import begun_move, renamed, second_district


class TreeThings:
    """What the city's platform administrator has changed."""

    cast: Cast

    @cached_property
    def tree_change(self) -> TreeChange:
        return renamed(self.cast, self.cast.other_street, "新江湾城工会")

    @cached_property
    def moving(self) -> TreeChange:
        """A street that is being moved: its job has not run yet."""
        return begun_move(self.cast, self.cast.other_street, second_district(self.cast))
