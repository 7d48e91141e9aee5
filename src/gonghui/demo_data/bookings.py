"""Recuperation and health checks: programmes of the city and of a district in every phase, with those who are in them."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from django.utils.timezone import localdate

from gonghui.accounts.models import User
from gonghui.attachments.actions import attach
from gonghui.bookings.codes import Mode
from gonghui.bookings.documents.actions import add_document
from gonghui.bookings.draws.actions import run_draw
from gonghui.bookings.eligibility.queries import answers
from gonghui.bookings.marks.actions import contest_absence, mark_places
from gonghui.bookings.models import Booking, Place, Programme, SelfCheck, Session, Venue
from gonghui.bookings.pictures.actions import add_picture
from gonghui.bookings.places.actions import book_group
from gonghui.bookings.places.people import Person
from gonghui.bookings.programmes.actions import (
    create_programme,
    publish_programme,
    save_package,
    save_venue,
    set_funds,
    set_rules,
)
from gonghui.bookings.providers.actions import open_account
from gonghui.bookings.self_checks.actions import decide_self_check, send_self_check, withdraw_self_check
from gonghui.bookings.self_checks.kind import CODE, about
from gonghui.bookings.self_checks.validation import Invoice
from gonghui.bookings.sessions.actions import add_session, add_share
from gonghui.bookings.states import PlaceState
from gonghui.demo_data.backdating import days_ago
from gonghui.demo_data.cast import CLINIC, SUPERIORS, UNION_A, UNION_B, UNION_C, WUJIAOCHANG, XINJIANGWAN
from gonghui.demo_data.drawing import invoice
from gonghui.demo_data.landscapes import landscape, route_map
from gonghui.demo_data.people import give_password
from gonghui.members.models import Member
from gonghui.members.standings import StandingState
from gonghui.reviews.scans import ScanKind
from gonghui.unions.models import Union

RECENT: tuple[str, dict[str, Any]] = ("not_within_years", {"years": 3})
BUS = "1 号车"


def bookings() -> Iterator[datetime]:
    """All of it is written at once, with the times that belong to it: what is over is moved into the past at last."""
    yield days_ago(1, hour=17)
    _open()
    _collected()
    _coming()
    _over()
    _drawn()
    _draft()
    _today()


def _open() -> None:
    """The district's journey: six sessions, one that is full with a group that waits, shares for two streets."""
    funds = {"city": 800, "level2": 400, "union": 1000, "self": 1000}
    programme = _drafted(
        _yangpu(), "莫干山疗休养 5 日", funds, [("member_months", {"months": 6}), RECENT], opens=-5, deadline=24,
        text="住莫干山镇职工疗养院，含往返大巴、食宿、保险。\n第一天 8:00 在区总工会门口集合，第五天 16:00 返回。",
    )  # fmt: skip
    venue = _venue(
        programme, "莫干山镇线", "浙江省德清县莫干山镇", "竹海步道、名人别墅群、健康讲座，每天半天自由活动。"
    )
    _show(programme, "bamboo", "晨雾中的竹海", "山坡上的竹林", "镇外的山路")
    _show(programme, "lake", "步道尽头的水库，可以乘船", venue=venue)
    add_document(programme, ContentFile(route_map(), "map.pdf"), title="线路示意图", by=_yangpu())
    sessions = [_session(venue, 40 + 7 * number, 5, places) for number, places in enumerate((12, 30, 30, 40, 24, 16))]
    for code, places in ((WUJIAOCHANG, 12), (XINJIANGWAN, 6)):
        union = Union.objects.get(code=code)
        held = programme.deadline and programme.deadline - timedelta(days=4)
        add_share(sessions[2], union=union, places=places, held_until=held, by=_yangpu())
    _publish(programme, -6, -5)
    _book(sessions[0], UNION_A.email, 12)
    _book(sessions[0], UNION_B.email, 4)
    _book(sessions[1], UNION_A.email, 17)
    _book(sessions[1], UNION_B.email, 5)
    _book(sessions[2], UNION_A.email, 9)
    _book(sessions[3], UNION_B.email, 6)


def _collected() -> None:
    """The city collects bookings, and draws lots."""
    programme = _drafted(
        _city(), "劳模先进疗休养 7 日", {"city": 4100}, [RECENT], opens=-8, deadline=30, collects=6,
        allocation="draw", tiers=[{"kind": "model_worker"}, {"kind": "never_been"}],
        text="崇明东滩，7 日，全部费用由市总工会承担。收齐报名后公开抽签，任何人都可以验算。",
    )  # fmt: skip
    _show(programme, "marsh", "东滩的芦苇和候鸟", "黄昏的湿地")
    session = _session(_venue(programme, "崇明东滩", "上海市崇明区", "观鸟、湿地步道、中医理疗。"), 60, 7, 10)
    _publish(programme, -9, -8)
    for email, people in ((UNION_A.email, 6), (UNION_B.email, 4), (UNION_C.email, 5)):
        _book(session, email, people)


def _coming() -> None:
    """The city's health check opens in some days: slots, packages by sex and age."""
    programme = _drafted(
        _city(), "职工健康体检", {"level2": 100, "union": 580}, [], kind="checkup", opens=3, deadline=35,
        self_check_price=Decimal(680), text="请空腹，带身份证。女职工另有专项。",
    )  # fmt: skip
    venue = _venue(programme, "市工人疗养院体检中心", "上海市徐汇区示例路 1 号", "地铁 1 号线，周一至周六上午。")
    for number in range(3):
        for hour in (8, 9):
            _session(venue, 45 + number, 1, 40, slot=(time(hour), time(hour, 30)))
    for values in (
        {"name": "男职工套餐", "sexes": ["male"], "text": "一般检查、血常规、肝肾功能、心电图、胸部 CT。"},
        {
            "name": "女职工套餐",
            "sexes": ["female"],
            "text": "一般检查、血常规、肝肾功能、心电图、妇科 B 超、乳腺 B 超。",
        },
    ):
        save_package(programme, values, by=_city())
    _publish(programme, -1, 3)


def _over() -> None:
    """The district's journey of last month: who came, who did not, and an objection."""
    funds = {"level2": 300, "union": 600, "self": 580}
    programme = _drafted(_yangpu(), "天目湖疗休养 3 日", funds, [RECENT], opens=-90, deadline=20)
    _show(programme, "lake", "天目湖上的帆船")
    session = _session(_venue(programme, "天目湖镇线", "江苏省溧阳市天目湖镇", ""), 30, 3, 20)
    _publish(programme, -91, -90)
    _book(session, UNION_A.email, 11)
    _book(session, UNION_B.email, 5)
    _moved(programme, session, 40)
    places = list(Place.objects.filter(session=session).order_by("pk"))
    Place.objects.filter(session=session).update(bus=BUS)
    came, absent = places[:-2], places[-2:]
    mark_places([place.pk for place in came], came=True, by=_yangpu())
    mark_places([place.pk for place in absent], came=False, by=_yangpu())
    contest_absence(absent[0], text="当天到场，签到表漏签，有同车人员证明。", by=_officer(UNION_B.email))


def _drawn() -> None:
    """A screening whose lots are drawn, so that its public page can be looked at."""
    programme = _drafted(
        _city(), "女职工专项筛查", {"city": 160, "level2": 60, "union": 40}, [("sex", {"sexes": ["female"]})],
        kind="screening", opens=-20, deadline=12, collects=8, allocation="draw", tiers=[{"kind": "never_been"}],
        text="两癌筛查，当天出结果的由体检机构当面告知本人。",
    )  # fmt: skip
    session = _session(_venue(programme, "市妇女保健中心", "上海市长宁区示例路 2 号", ""), 20, 1, 8)
    _publish(programme, -21, -20)
    for email, people in ((UNION_A.email, 4), (UNION_B.email, 3), (UNION_C.email, 3)):
        _book(session, email, people)
    Programme.objects.filter(pk=programme.pk).update(collects_until=timezone.now() - timedelta(days=1))
    run_draw(programme, by=_city())


def _draft() -> None:
    funds = {"level2": 1200, "union": 1200, "self": 1200}
    programme = _drafted(
        _city(), "黄山疗休养 6 日", funds, [("age", {"low": 18, "high": 60}), RECENT], opens=20, deadline=60
    )
    _show(programme, "peaks", "云海中的山峰", "崖上的松树")
    venue = _venue(programme, "黄山线", "安徽省黄山市", "")
    for number in range(4):
        _session(venue, 100 + 14 * number, 6, 30)


def _today() -> None:
    """The district's health check of today, at a clinic that has an account: some have been there."""
    account = open_account(
        Union.objects.get(users=_yangpu()), provider=CLINIC.provider, email=CLINIC.email, name=CLINIC.name, by=_yangpu()
    )
    give_password(account)
    programme = _drafted(
        _yangpu(), "一线职工体检", {"level2": 380, "union": 200}, [], kind="checkup", opens=-40, deadline=20,
        self_check_price=Decimal(580), text="请空腹，带身份证，当天 10:30 以前到。",
    )  # fmt: skip
    venue = _venue(programme, CLINIC.provider, "上海市杨浦区示例路 3 号", "地铁 10 号线。")
    Venue.objects.filter(pk=venue.pk).update(provider=account.providers.get())
    session = _session(venue, 30, 1, 30, slot=(time(8), time(10, 30)))
    _publish(programme, -41, -40)
    _book(session, UNION_A.email, 16)
    _book(session, UNION_B.email, 6)
    _moved(programme, session, 0)
    there = list(Place.objects.filter(session=session).order_by("pk")[:5])
    mark_places([place.pk for place in there], came=True, by=account)
    _invoices(programme)


def _invoices(programme: Programme) -> None:
    """Members who went to another hospital: one accepted, refused, taken back, and two that wait."""
    _, _, taken_back, refused, accepted = (
        _invoice(programme, email, number, amount)
        for number, (email, amount) in enumerate(
            (
                (UNION_A.email, 612),
                (UNION_B.email, 480),
                (UNION_A.email, 530),
                (UNION_A.email, 896),
                (UNION_A.email, 645),
            )
        )
    )
    withdraw_self_check(taken_back, by=taken_back.by)
    decide_self_check(refused, accepted=False, opinion="发票抬头不是本人，请换开后再提交。", by=_yangpu())
    decide_self_check(accepted, accepted=True, by=_yangpu())


def _invoice(programme: Programme, email: str, number: int, amount: int) -> SelfCheck:
    """Of a member of the officer's union who is in no programme."""
    officer = _officer(email)
    members = Member.objects.filter(union=officer.union, standing=StandingState.NORMAL, self_checks=None)
    member = members.exclude(places__isnull=False).order_by("pk")[0]
    file = SimpleUploadedFile("体检发票.png", invoice())
    attach(CODE, about(programme.pk, member.pk), ScanKind.INVOICE, file, by=officer)
    said = Invoice("上海市示例医院", _day(-12 + number), f"2631200000{number:010}", Decimal(amount))
    return send_self_check(programme, member.pk, said, by=officer)


def _drafted(
    by: User,
    title: str,
    funds: dict[str, int],
    rules: Sequence[tuple[str, dict[str, Any]]],
    *,
    opens: int,
    deadline: int,
    collects: int | None = None,
    **values: Any,
) -> Programme:
    """Times are in days from now. What has opened already does so for the action in a moment: `_publish` moves it."""
    union = Union.objects.get(users=by)
    columns = {
        "kind": "recuperation",
        "title": title,
        "contact": "权益保障部 021-00000000",
        "price": Decimal(sum(funds.values())),
        "opens_at": _at(opens) if opens > 0 else timezone.now() + timedelta(minutes=1),
        "collects_until": _at(collects) if collects else None,
        "deadline": _at(deadline, hour=18),
        **values,
    }
    programme = create_programme(union, columns, by=by)
    set_funds(programme, {source: Decimal(amount) for source, amount in funds.items()}, by=by)
    set_rules(programme, rules, by=by)
    return programme


def _publish(programme: Programme, published: int, opens: int) -> None:
    publish_programme(programme, by=programme.created_by)
    Programme.objects.filter(pk=programme.pk).update(publishes_at=_at(published), opens_at=_at(opens))


def _venue(programme: Programme, name: str, address: str, text: str) -> Venue:
    return save_venue(programme, {"name": name, "address": address, "text": text}, by=programme.created_by)


def _show(programme: Programme, scene: str, *words: str, venue: Venue | None = None) -> None:
    """Pictures of the scene, one for each of the words."""
    for alt in words:
        drawn = ContentFile(landscape(scene, alt), "drawn.jpg")
        add_picture(programme, drawn, alt=alt, venue=venue, by=programme.created_by)


def _session(
    venue: Venue, begins: int, days: int, capacity: int, *, slot: tuple[time, time] | tuple[None, None] = (None, None)
) -> Session:
    first = _day(begins)
    last = first + timedelta(days=days - 1)
    return add_session(
        venue, begins_on=first, ends_on=last, capacity=capacity, from_time=slot[0], to_time=slot[1],
        by=venue.programme.created_by,
    )  # fmt: skip


def _book(session: Session, email: str, people: int) -> Booking:
    """So many members who may come and are in no programme, by the union's officer; who has no place waits."""
    officer = _officer(email)
    members = Member.objects.filter(union=officer.union, standing=StandingState.NORMAL).exclude(places__isnull=False)
    programme = Programme.objects.get(pk=session.programme_id)
    ids = list(members.order_by("pk").values_list("pk", flat=True)[:200])
    may = answers(programme, ids)
    chosen = [Person(pk) for pk in ids if may[pk].met][:people]
    return book_group(session, chosen, mode=Mode.AS_MANY, waits=True, splittable=True, key=uuid4(), by=officer)


def _moved(programme: Programme, session: Session, days: int) -> None:
    """The session began so many days ago."""
    first = _day(-days)
    last = first + (session.ends_on - session.begins_on)
    Session.objects.filter(pk=session.pk).update(begins_on=first, ends_on=last)
    Programme.objects.filter(pk=programme.pk).update(begins_on=first, ends_on=last, deadline=_at(-days - 10, hour=18))
    Place.objects.filter(session=session, state=PlaceState.BOOKED).update(signed_in_at=_at(-days, hour=8))


def _day(days: int) -> date:
    return localdate() + timedelta(days=days)


def _at(days: int, hour: int = 10) -> datetime:
    return (timezone.localtime() + timedelta(days=days)).replace(hour=hour, minute=0, second=0, microsecond=0)


def _city() -> User:
    return User.objects.get(email=SUPERIORS[0].email)


def _yangpu() -> User:
    return User.objects.get(email=SUPERIORS[1].email)


def _officer(email: str) -> User:
    return User.objects.get(email=email)
