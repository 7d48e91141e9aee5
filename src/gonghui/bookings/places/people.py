"""The people of a booking: what the officer says of each, checked, and made into places that are not saved yet."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import uuid4

import psycopg
from django.db import DatabaseError, transaction
from django.utils.timezone import localdate

from gonghui.bookings.codes import Category, Relation, Stated
from gonghui.bookings.eligibility.queries import Answer, answers
from gonghui.bookings.models import Booking, LedgerEntry, Package, Place, Programme, SelfCheck, Session
from gonghui.bookings.states import ACTIVE, PlaceState
from gonghui.kit import crypto
from gonghui.kit.days import age_on
from gonghui.kit.documents import Invalid, check_document
from gonghui.kit.errors import Refused
from gonghui.kit.names import clean_name
from gonghui.kit.sealing import purpose
from gonghui.members.codes import HonourLevel, NewEmployment, YesNo
from gonghui.members.models import Member
from gonghui.unions.models import Union

MAX_PEOPLE = 500
"""People of one booking, guests included."""


@dataclass(frozen=True)
class Guest:
    """A family guest, who pays."""

    name: str
    document_type: str
    document_number: str
    relation: str = Relation.OTHER


@dataclass(frozen=True)
class Person:
    """A member to be booked. ``stated`` are codes.Stated; ``married`` only where a package asks."""

    member_id: int
    stated: Sequence[str] = ()
    package_id: int | None = None
    married: bool | None = None
    guests: Sequence[Guest] = ()


def member_ids(places: Iterable[Place]) -> list[int]:
    """The members among these people, whom the audit finds again; guests are no members."""
    return [place.member_id for place in places if place.member_id]


def lock_members(people: Collection[int], union: Union) -> dict[int, Member]:
    """The union's members with these ids, locked by id. Raises Refused when one is not (any more) of the union."""
    rows = Member.objects.filter(pk__in=people, union=union).select_for_update(no_key=True).order_by("pk")
    members = {member.pk: member for member in rows}
    if missing := len(set(people)) - len(members):
        raise Refused(f"所选人员中有 {missing} 人不是本工会会员，或已转出。请返回会员名单重新勾选。")
    return members


def places_of(
    people: Sequence[Person], members: Mapping[int, Member], booking: Booking, session: Session
) -> list[Place]:
    """A place for each member and guest, in the order given. Raises Refused for who may not, with the rule."""
    programme = session.programme
    _require_number(people, programme)
    met = answers(programme, list(members), {person.member_id: person.stated for person in people})
    require_eligible(met, members)
    packages = _packages(programme)
    counted = categories_of(members.values(), {person.member_id: person.stated for person in people})
    places: list[Place] = []
    for person in people:
        member = members[person.member_id]
        head = Place(
            booking=booking,
            order=len(places),
            programme=programme,
            session=session,
            union=booking.union,
            member=member,
            document_hash=member.document_hash,
            package=_package_for(member, person, packages),
            stated=[one for one in Stated.values if one in person.stated],
            categories=counted[member.pk],
        )
        places.append(head)
        places += [_guest(guest, head, len(places) + number) for number, guest in enumerate(person.guests)]
    require_free(places)
    return places


def _require_number(people: Sequence[Person], programme: Programme) -> None:
    if not people:
        raise Refused("请先勾选要预约的会员。")
    if len({person.member_id for person in people}) < len(people):
        raise Refused("名单中有重复的会员，请删除重复的。")
    if sum(1 + len(person.guests) for person in people) > MAX_PEOPLE:
        raise Refused(f"一次最多预约 {MAX_PEOPLE} 人，请分几次提交。")
    if any(len(person.guests) > programme.guests_max for person in people):
        most = programme.guests_max
        raise Refused(f"这个项目每名会员最多带 {most} 名家属。" if most else "这个项目不能带家属。", field="guests")


def require_eligible(met: Mapping[int, Answer], members: Mapping[int, Member]) -> None:
    """Raises Refused with who may not, and by which rule."""
    barred = [(members[pk], answer) for pk, answer in met.items() if not answer.met]
    if barred:
        said = "；".join(f"{member.name}：{answer.why}" for member, answer in barred[:5])
        more = f"；等共 {len(barred)} 人" if len(barred) > 5 else ""
        raise Refused(f"有会员不符合条件（{said}{more}）。请去掉这些会员后再提交。", field="people")


def require_free(places: Sequence[Place]) -> None:
    """Raises Refused when one of these people is in the programme already, or elsewhere at that time.

    The members are locked, so that nobody hands in an invoice of another hospital meanwhile."""
    hashes = [bytes(place.document_hash) for place in places]
    if len(set(hashes)) < len(hashes):
        raise Refused("名单中有人重复（同一证件号码出现两次），请删除重复的。", field="people")
    session = places[0].session
    active = Place.objects.filter(state__in=ACTIVE).select_related("member", "session__venue", "programme")
    ids = [place.pk for place in places if place.pk]
    here = active.filter(programme=session.programme_id, document_hash__in=hashes).exclude(pk__in=ids)
    if twice := list(here[:3]):
        raise Refused(f"{'、'.join(map(str, twice))}已在这个项目中预约，不能重复预约。", field="people")
    members = [place.member_id for place in places if place.member_id]
    invoices = SelfCheck.objects.standing().filter(programme=session.programme_id, member__in=members)
    if handed_in := list(invoices.select_related("member")[:3]):
        names = "、".join(map(str, handed_in))
        raise Refused(f"{names}已提交这个项目的外院自检，不能再预约。要预约的，请先撤回外院自检。", field="people")
    elsewhere = active.filter(member__in=members, during__overlap=session.during).exclude(pk__in=ids)
    if clash := elsewhere.first():
        raise Refused(
            f"{clash}在这段时间已预约「{clash.programme}」（{clash.session.when}），同一时间只能参加一个班次。",
            field="people",
        )


ONCE = ("place_member_once", "place_person_once", "place_one_session_at_a_time")
"""The constraints behind `require_free`."""


@contextmanager
def written_once() -> Iterator[None]:
    """Writes places. Raises Refused when another booking of one of these people, which `require_free` could not see yet,
    was quicker by a moment: guests are locked by nobody, and a change of session locks no member.
    """
    try:
        with transaction.atomic():
            yield
    except DatabaseError as error:
        crossed = isinstance(
            error.__cause__, psycopg.errors.DeadlockDetected
        )  # each waits for one of the other's people
        if crossed or any(name in str(error) for name in ONCE):
            raise Refused(
                "名单中有人刚刚由另一份预约报了这个项目，或报了同一时间的其他班次。请刷新页面查看后再提交。",
                field="people",
            ) from error
        raise


def categories_of(members: Collection[Member], stated: Mapping[int, Sequence[str]]) -> dict[int, list[str]]:
    """The categories that each counts in, for shares that are kept for one."""
    been = set(LedgerEntry.objects.been().filter(member__in=members).values_list("member", flat=True).distinct())

    def of(member: Member) -> list[str]:
        counts = {
            Category.MODEL_WORKER: member.honour_level not in ("", HonourLevel.NONE),
            Category.FRONT_LINE: Stated.FRONT_LINE in stated.get(member.pk, ()),
            Category.MIGRANT_WORKER: member.migrant_worker == YesNo.YES,
            Category.NEW_EMPLOYMENT: member.new_employment not in ("", NewEmployment.NONE),
            Category.NEVER_BEEN: member.pk not in been,
        }
        return [str(category) for category, yes in counts.items() if yes]

    return {member.pk: of(member) for member in members}


def _guest(guest: Guest, head: Place, order: int) -> Place:
    """A guest's place beside the member's. Raises Refused for a wrong name or number."""
    try:
        name, document = clean_name(guest.name), check_document(guest.document_type, guest.document_number)
    except Invalid as error:
        raise Refused(f"家属「{guest.name}」：{error}", field="guests") from error
    owner = uuid4()
    return Place(
        booking=head.booking,
        order=order,
        programme=head.programme,
        session=head.session,
        union=head.union,
        guest_of=head,
        guest_name=name,
        relation=guest.relation if guest.relation in Relation.values else Relation.OTHER,
        document_type=document.doc_type,
        document_sealed=purpose(Place, "document_sealed").seal(document.number, owner),
        document_hash=crypto.fingerprint(f"{document.doc_type}:{document.number}"),
        seal_id=owner,
        categories=head.categories,
    )


def _packages(programme: Programme) -> dict[int, Package]:
    return {package.pk: package for package in Package.objects.filter(programme=programme)}


def _package_for(member: Member, person: Person, packages: Mapping[int, Package]) -> Package | None:
    """The package that was chosen, if it is for somebody of this sex and age; none where the programme has none."""
    if not packages:
        return None
    package = packages.get(person.package_id or 0)
    if package is None:
        raise Refused(f"请为{member.name}选择体检套餐。", field="people")
    if not fits(package, member, person.married):
        raise Refused(f"「{package}」不适用于{member.name}（按性别、年龄或婚姻状况），请另选套餐。", field="people")
    return package


def fits(package: Package, member: Member, married: bool | None) -> bool:
    """Whether a package is for this person."""
    if package.sexes and member.sex not in package.sexes:
        return False
    if package.married is not None and package.married != married:
        return False
    if member.born_on is None:
        return package.age_from is None and package.age_to is None
    age = age_on(member.born_on, localdate())
    return (package.age_from or 0) <= age <= (package.age_to or 200)


def new_state(programme: Programme) -> PlaceState:
    """Of people who are not given a place at once: collected for the lots, or in the line."""
    return PlaceState.APPLIED if programme.is_draw else PlaceState.WAITING
