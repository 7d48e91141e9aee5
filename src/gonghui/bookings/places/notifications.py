"""What officers and publishers are told about places (SPEC 6.6, 6.8, 7.1)."""

from collections.abc import Iterable, Sequence

from gonghui.accounts.models import User
from gonghui.bookings.models import Booking, Offer, Place, Programme
from gonghui.bookings.sentences import address_of_booking, address_of_programme, minute
from gonghui.notices.actions import notify, notify_officers, settle

OFFER = "booking.offer"
"""The kind of notices that ask for an answer to an offer."""


def task_of(offer: Offer) -> str:
    return f"offer:{offer.pk}"


def names(places: Sequence[Place]) -> str:
    """王小明、李小红等 5 人."""
    shown = "、".join(str(place) for place in places[:3])
    return f"{shown}等 {len(places)} 人" if len(places) > 3 else shown


def notify_offered(offers: Iterable[Offer]) -> None:
    """Each group's officers, with the time by which they answer."""
    for offer in offers:
        booking, places = offer.entry.booking, list(offer.places.select_related("member").order_by("order"))
        notify_officers(
            [booking.union_id],
            f"候补到 {len(places)} 个名额，请在 {minute(offer.ends_at)} 前确认",
            body=f"{booking.programme}：{names(places)}。逾期未确认的，名额将给后面候补的单位。",
            url=address_of_booking(booking),
            tasks=[task_of(offer)],
            kind=OFFER,
        )


def settle_offers(offers: Iterable[Offer]) -> None:
    """Their notices ask for nothing any more."""
    settle([task_of(offer) for offer in offers])


def notify_made(booking: Booking, *, booked: int, waiting: int, applied: int, position: int | None) -> None:
    """The confirmation: how many have a place, how many wait, or until when bookings are collected."""
    until = booking.programme.collects_until
    said = [f"{booked} 人已约上"] if booked else []
    said += [f"{waiting} 人候补，目前排在第 {position} 位"] if waiting else []
    said += [f"{applied} 人已报名，{minute(until)} 收集截止后抽签"] if applied and until else []
    notify_officers(
        [booking.union_id],
        f"预约已提交：{booking.programme}",
        body=f"{booking.session}，{'，'.join(said) or '已全部退出'}。预约编号 {booking.number}。",
        url=address_of_booking(booking),
        sent_by=booking.by,
    )


def notify_places_ended(places: Sequence[Place], title: str, body: str) -> None:
    """The officers of each union that answered for these places, once a booking."""
    by_booking: dict[tuple[int, int], list[Place]] = {}
    for place in places:
        by_booking.setdefault((place.union_id, place.booking_id), []).append(place)
    for (union, _), group in by_booking.items():
        notify_officers(
            [union],
            title,
            body=f"{group[0].programme}：{names(group)}。{body}",
            url=address_of_booking(group[0].booking),
        )


def notify_publisher(programme: Programme, title: str, body: str) -> None:
    """The administrators of the union that has published."""
    users = User.objects.administrators().filter(union=programme.publisher_id).order_by("pk")
    notify(users, title, body=body, url=address_of_programme(programme))
