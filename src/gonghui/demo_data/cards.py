"""Member service cards: those issued in a year, and a batch in each state."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from django.core.files.base import ContentFile

from gonghui.accounts.models import User
from gonghui.cards.applications.actions import agree_name, submit_batches
from gonghui.cards.applications.names import suggestions
from gonghui.cards.applications.preflight import examine
from gonghui.cards.codes import draw_virtual_code, save_code, suggested_code
from gonghui.cards.figures import recount
from gonghui.cards.holders.actions import issue_cards
from gonghui.cards.models import Batch, Card, Order, UnionCode
from gonghui.cards.orders import actions as orders
from gonghui.cards.orders import results
from gonghui.cards.orders.sample import sample_results
from gonghui.demo_data.backdating import days_ago
from gonghui.demo_data.cast import COMPANY, UNION_A, UNION_B, UNION_C, WUJIAOCHANG
from gonghui.members.codes import DocumentType
from gonghui.members.models import Member
from gonghui.reviews.actions import decide

CARDED = 60
"""Members of union A who have had a card for long."""


def cards() -> Iterator[datetime]:
    """Yields the time of each act before it acts."""
    yield from _way(UNION_A.email, CARDED, WUJIAOCHANG, (200, 199, 195, 190))
    yield days_ago(188, hour=10)
    issue_cards(_newest(UNION_A.email), None, by=_officer(UNION_A.email))
    yield days_ago(64, hour=9)
    card = Card.objects.filter(member__union=_officer(UNION_A.email).union).order_by("pk")[5]
    _submit(UNION_A.email, [card.member], purpose="loss", reason="会员本人口头挂失")
    yield days_ago(63, hour=9)
    _approve(UNION_A.email, WUJIAOCHANG)
    yield days_ago(60, hour=9)
    yield from _made(_newest(UNION_A.email), 60, 58)
    yield days_ago(57, hour=10)
    _submit(UNION_A.email, [card.member], purpose="replacement", reason="卡片丢失，已挂失")
    yield days_ago(56, hour=11)
    _approve(UNION_A.email, WUJIAOCHANG)
    yield from _made(_newest(UNION_A.email), 53, 48)
    yield days_ago(47, hour=15)
    issue_cards(_newest(UNION_A.email), None, by=_officer(UNION_A.email))
    yield from _way(UNION_A.email, 24, WUJIAOCHANG, (41, 39, 36, 31), failing=12)
    yield from _way(UNION_C.email, 12, COMPANY, (21, 20, 16))
    yield days_ago(9, hour=14)
    _submit(UNION_B.email, _fit(UNION_B.email, 8))
    yield days_ago(6, hour=9)
    _submit(UNION_A.email, [*_fit(UNION_A.email, 15), *_agreed(UNION_A.email)])
    yield days_ago(5, hour=16)
    for batch in Batch.objects.filter(union=_officer(UNION_A.email).union, state="pending"):
        _decide(batch, WUJIAOCHANG, "同意办卡。")
    yield days_ago(4, hour=10)
    _submit(UNION_C.email, _fit(UNION_C.email, 7))
    yield days_ago(3, hour=10)
    _approve(UNION_C.email, COMPANY)
    recount()


def _way(email: str, people: int, superior: str, days: Sequence[int], *, failing: int = 0) -> Iterator[datetime]:
    """Submitted, approved, exported and (with a fourth day) made, so many days ago."""
    yield days_ago(days[0], hour=10)
    _submit(email, _fit(email, people))
    yield days_ago(days[1], hour=15)
    _approve(email, superior)
    yield from _made(_newest(email), *days[2:], failing=failing)


def _made(batch: Batch, exported: int, made: int | None = None, *, failing: int = 0) -> Iterator[datetime]:
    yield days_ago(exported, hour=11)
    city = _city()
    order = orders.gather(batch.purpose, foreign=batch.foreign, batches=[batch.pk], by=city)
    orders.build(order.pk)
    orders.export_order(order, by=city)
    if made is not None:
        yield days_ago(made, hour=16)
        order = Order.objects.get(pk=order.pk)
        data = sample_results(order, failing=failing)
        results.process(results.upload_results(order, ContentFile(data, f"JG{order.number}.txt"), by=city).pk)


def _officer(email: str) -> User:
    return User.objects.select_related("union__employer").get(email=email)


def _city() -> User:
    return User.objects.select_related("union").get(email="city@demo.test")


def _reviewer(code: str) -> User:
    return User.objects.select_related("union").filter(union__code=code, roles__contains=["reviewer"]).order_by("pk")[0]


def _submit(email: str, members: Sequence[Member], **more: str) -> None:
    by = _officer(email)
    assert by.union  # noqa: S101 (the demo's own)
    if not UnionCode.objects.filter(union=by.union).exists():
        save_code(by.union, suggested_code(by.union) or draw_virtual_code(by.union, by=by), by=by)
    submit_batches(by.union, [member.pk for member in members], by=by, **more)


def _approve(email: str, superior: str) -> None:
    _decide(_newest(email), superior)


def _newest(email: str) -> Batch:
    return Batch.objects.filter(union=_officer(email).union).select_related("review").order_by("-pk")[0]


def _fit(email: str, count: int) -> list[Member]:
    """The first members who pass the preflight."""
    members = list(Member.objects.filter(union=_officer(email).union, has_card=False).order_by("pk")[: 3 * count + 100])
    return [one.member for one in examine(members).values() if one.ok and not one.special][:count]


def _agreed(email: str) -> list[Member]:
    """Two foreigners, with agreed names."""
    by = _officer(email)
    people = Member.objects.filter(union=by.union, document_type=DocumentType.PASSPORT, has_card=False).order_by("pk")
    found = list(people[:2])
    for one in found:
        agree_name(one, suggestions(one.name, one.document_type)[0], by=by)
    return found


def _decide(batch: Batch, superior: str, opinion: str = "") -> None:
    assert batch.review  # noqa: S101 (the demo's own)
    decide(batch.review, decision="approved", opinion=opinion, by=_reviewer(superior))
