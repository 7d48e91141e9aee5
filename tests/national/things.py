"""The things of the world (tests/world.py) that are of the national forms."""

from collections.abc import Callable
from functools import cached_property

from gonghui.national.models import Export, MemberReport, UnionReport
from tests.national.stories import exported, returned
from tests.people import Cast


class NationalThings:
    """Exports of `cast.union`, and what came back."""

    cast: Cast
    number: Callable[[str], object]

    @cached_property
    def national_form(self) -> str:
        return "member"

    @cached_property
    def national_export(self) -> Export:
        """Of `cast.union`, built."""
        self.number("member")
        return exported(self.cast.officer)

    @cached_property
    def national_file(self) -> list[int]:
        return [self.national_export.pk, 1]

    @cached_property
    def member_report(self) -> MemberReport:
        """The member's row of the form was sent back."""
        self.number("member")
        returned(self.cast.officer, "学历不符")
        return MemberReport.objects.get()

    @cached_property
    def union_report(self) -> UnionReport:
        """Likewise, of `cast.union`."""
        returned(self.cast.officer, "地址不详", form="organisation")
        return UnionReport.objects.get()
