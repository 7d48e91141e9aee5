"""The 年报 of the world of addresses: last year's is open, that of the year before a draft."""

from datetime import UTC, datetime
from functools import cached_property

from gonghui.statistics.closing import close_day
from gonghui.unions.models import Union
from gonghui.yearbooks.models import Sheet, Yearbook
from gonghui.yearbooks.tables.actions import open_yearbook
from tests.people import Cast
from tests.yearbooks.stories import end_of, filled, laid_down, last_year, returned, sheet_of, signed


class YearbookThings:
    """``sheet`` is that of `cast.street`, filled in; of `cast.other_street` a signed one, of `cast.company` a returned one."""

    cast: Cast

    @cached_property
    def draft_yearbook(self) -> Yearbook:
        close_day(end_of(last_year() - 1))
        return laid_down(self.cast, last_year() - 1)

    @cached_property
    def yearbook(self) -> Yearbook:
        Union.objects.superiors().update(created_at=datetime(last_year(), 1, 1, tzinfo=UTC))
        close_day(end_of(last_year()))
        yearbook = laid_down(self.cast)
        open_yearbook(yearbook, version=yearbook.version, by=self.cast.platform_admin)
        return yearbook

    def _filled(self, union: Union, by: str) -> Sheet:
        assert self.yearbook
        return filled(sheet_of(union), getattr(self.cast, by))

    @cached_property
    def sheet(self) -> Sheet:
        return self._filled(self.cast.street, "reviewer")

    @cached_property
    def signed_sheet(self) -> Sheet:
        return signed(self._filled(self.cast.other_street, "other_reviewer"), self.cast.other_reviewer)

    @cached_property
    def returned_sheet(self) -> Sheet:
        return returned(
            signed(self._filled(self.cast.company, "company_reviewer"), self.cast.company_reviewer),
            self.cast.bureau_admin,
        )
