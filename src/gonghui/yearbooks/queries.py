"""What waits for a union's signature, and how far those below a sheet are."""

from collections.abc import Collection, Iterator, Mapping

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery
from django.urls import reverse

from gonghui.accounts.hooks import WorkItem
from gonghui.accounts.models import User
from gonghui.unions.models import Union, UnionState
from gonghui.yearbooks.models import Sheet, SheetQuerySet, SheetState, Signature, Yearbook
from gonghui.yearbooks.rules import can_see_yearbooks, signs_for

_SIGNED = Q(below__state=SheetState.SIGNED)


def with_progress(sheets: SheetQuerySet) -> QuerySet[Sheet]:
    """Adds how many sheets are right below each, and how many of them are signed."""
    return sheets.annotate(total=Count("below"), signed=Count("below", filter=_SIGNED))


def below(sheet: Sheet) -> QuerySet[Sheet]:
    """Those right below, with who has signed and when, and their own progress; who has not signed comes first."""
    holding = Signature.objects.filter(sheet=OuterRef("pk"), ended_at=None)
    rows = with_progress(Sheet.objects.filter(above=sheet)).select_related("node")
    return rows.annotate(
        signer=Subquery(holding.values("signed_by__name")[:1]),
        signed_at=Subquery(holding.values("signed_at")[:1]),
        is_done=Q(state=SheetState.SIGNED),
    ).order_by("is_done", "node__code", "pk")


def own_sheets(user: User, yearbooks: Collection[Yearbook]) -> Mapping[int, Sheet]:
    """The sheet of the user's union in each of the years, with its progress; by one statement."""
    rows = with_progress(Sheet.objects.filter(node=user.union, yearbook__in=yearbooks))
    return {sheet.yearbook_id: sheet for sheet in rows}


def to_sign(union: Union) -> QuerySet[Sheet]:
    """The sheets that are its turn, its own and those of closed unions below it: not signed, nothing unsigned below."""
    unsigned_below = Sheet.objects.filter(above=OuterRef("pk")).exclude(state=SheetState.SIGNED)
    own = Q(node=union) | Q(above__node=union, node__state=UnionState.DISSOLVED)
    return Sheet.objects.filter(own, ~Exists(unsigned_below)).exclude(state=SheetState.SIGNED)


def work(user: User) -> Iterator[WorkItem]:
    """For ``accounts.hooks.worklist``: the sheets that the union has to sign now."""
    if user.union is None or not can_see_yearbooks(user):
        return
    yield WorkItem(
        label="年报待签报",
        rows=to_sign(user.union),
        since=F("yearbook__opened_at"),
        menu="yearbooks:list",
        url=reverse("yearbooks:list"),
        unit="份",
        button="填报签报",
        mine=signs_for(user, user.union_id),
    )
