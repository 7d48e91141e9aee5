"""Who is told of a transfer, by bell and mail (SPEC 7.1). Never more queries for more transfers."""

from collections.abc import Iterable, Sequence

from django.urls import reverse

from gonghui.accounts.models import Role, User
from gonghui.notices.actions import notify
from gonghui.transfers.models import Transfer, Way


def officers_of(unions: Iterable[int | None]) -> list[User]:
    """The active officers of these unions."""
    return list(User.objects.officers().filter(union__in=set(unions)).order_by("pk"))


def reviewers_of(unions: Iterable[int | None]) -> list[User]:
    return list(
        User.objects.filter(union__in=set(unions), is_active=True, roles__contains=[Role.REVIEWER]).order_by("pk")
    )


def tell_holders(transfers: Sequence[Transfer], title: str, body: str) -> None:
    """Whoever has to answer now: the officers of the union that is asked, or the reviewers of its superior."""
    mine = [one for one in transfers if one.review_id is None]
    for way, tab in ((Way.REQUEST, "waiting"), (Way.OFFER, "offered")):
        unions = {one.holder_id for one in mine if one.way == way}
        if unions:
            notify(officers_of(unions), title, body=body, url=f"{reverse('transfers:list')}?tab={tab}")
    if fallen := [one.origin.superior_id for one in transfers if one.review_id and one.origin]:
        notify(reviewers_of(fallen), title, body=body, url=reverse("reviews:desk"))


def tell_askers(transfers: Sequence[Transfer], title: str, body: str = "") -> None:
    """The officers of the unions that had asked or offered."""
    for way, tab in ((Way.REQUEST, "asked"), (Way.OFFER, "out")):
        unions = {one.asker_id for one in transfers if one.way == way}
        if unions:
            notify(officers_of(unions), title, body=body, url=f"{reverse('transfers:list')}?tab={tab}")
