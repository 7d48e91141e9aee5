"""When a superior union closes (``superiors.hooks``): unions that have filed to it file to its successor."""

from collections.abc import Collection, Iterator

from django.db.models import Q

from gonghui.filings.models import Filing, Relocation
from gonghui.reviews.models import ReviewState
from gonghui.unions.models import Union, UnionState


def open_relocations(union: Union, successor: Union | None) -> Iterator[str]:
    """Moves from it or to it: both superiors have looked at these two, so they decide first."""
    either = Q(origin=union) | Q(target=union)
    count = Relocation.objects.filter(either, review__state=ReviewState.PENDING).count()
    if count:
        yield f"有 {count} 家工会转出或转入它的申请还没有审核完"


def take_over_filings(union: Union, successor: Union, unions: Collection[int] | None) -> None:
    """At the end: the first filings that are not approved yet."""
    if unions is None:
        rows = Filing.objects.filter(superior=union)
        rows.exclude(union__state__in=[UnionState.APPROVED, UnionState.DISSOLVED]).update(superior=successor)
