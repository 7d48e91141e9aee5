"""``grow``: the whole city, union by union, into a database that holds the tree and the windows of the inspections."""

from collections.abc import Callable
from datetime import timedelta

from allauth.account.models import EmailAddress
from django.db import connection, models
from django.db.models import Max
from django.db.models.functions import Right

from gonghui.accounts.models import Role, User
from gonghui.audit.models import Entry
from gonghui.cards.figures import recount
from gonghui.cards.models import Application, Batch, Card, Line, Order, ResultFile, UnionCode
from gonghui.demo_data.city import cards, corrections, desk, filings, inspections, members, transfers, unions
from gonghui.demo_data.city.plan import OLDEST, Clock, Plan
from gonghui.demo_data.city.rows import Rows
from gonghui.demo_data.city.world import Actor, Superior, World, actor_of
from gonghui.filings.models import AccountClaim, Amendment, Dissolution, Filing, Relocation
from gonghui.imports.models import Batch as Import
from gonghui.inspections.models import Confirmation, MemberList
from gonghui.kit.invent import invent_person
from gonghui.members.models import Correction, Member, Membership
from gonghui.notices.models import Notice
from gonghui.reviews.models import Review, Step
from gonghui.transfers.models import Transfer
from gonghui.unions.levels import UnionKind
from gonghui.unions.models import Employer, RegisteredEmployer, Union

TABLES: list[type[models.Model]] = [
    Union, RegisteredEmployer, Employer, User, EmailAddress, Review, Step, Filing, Amendment, Relocation, AccountClaim,
    Dissolution, Import, Member, Membership, Correction, Transfer, UnionCode, Order, ResultFile, Batch, Card, Application, Line,
    Confirmation, MemberList, Notice, Entry,
]  # fmt: skip
"""Each after those that it refers to."""

SETTLED = timedelta(days=OLDEST + 8)
"""The age of the superiors' accounts."""


def grow(plan: Plan, progress: Callable[[int, int], None] = lambda unions, rows: None) -> int:
    """Load the city of ``plan``, in the caller's transaction; returns how many members it has, those who have left too.

    ``progress`` is called with the numbers of unions and rows. Runs as the owner of the tables, with no other writer.
    """
    clock = Clock(plan.midnight)
    a_day = 500 + 12 * plan.unions + plan.members // 4
    rows = Rows(TABLES, first_day=plan.midnight - SETTLED - timedelta(days=20), a_day=a_day)
    officer = User.objects.filter(union__kind=UnionKind.CITY, roles__contains=[Role.PLATFORM_ADMIN]).order_by("pk")[0]
    world = World(plan, clock, rows, [], actor_of(officer), _numbers_begin())
    world.superiors = _superiors(world)
    first_batch = rows.first_id(Batch)
    numbers, donors, windows = members.Numbers.from_tables(), transfers.Donors(), inspections.windows_of_city()
    card_desk = cards.open_desk(world)
    begun = numbers.person
    homes = unions.homes(plan, list(world.superiors))
    for number, (size, superior) in enumerate(zip(plan.sizes(), homes, strict=True)):
        _one(world, number, size, superior, numbers, donors, card_desk, windows)
        if rows.enough:
            rows.copy()
            progress(number + 1, rows.copied)
    rows.copy()
    cards.close_desk(world, card_desk)
    rows.finish()
    numbers.save()
    with connection.cursor() as cursor:
        cursor.execute("SELECT setval('unions_number', %s)", [world.first_number + plan.unions - 1])
    desk.work(first_batch, officer)
    recount()
    progress(plan.unions, rows.copied)
    return numbers.person - begun


def _one(
    world: World,
    number: int,
    size: int,
    superior: Superior,
    numbers: members.Numbers,
    donors: transfers.Donors,
    card_desk: cards.Desk,
    windows: list,
) -> None:
    """Everything about one union."""
    union = unions.found(world, number, size, superior)
    filings.file(world, union)
    filings.change(world, union)
    people = members.join(world, union, numbers)
    transfers.come(world, union, people, donors)
    cards.apply(world, union, people, card_desk)
    corrections.correct(world, union, people)
    transfers.ask(world, union, people, donors)
    inspections.confirm(world, union, people, windows)
    members.write(world, union, people, union.code)
    if gone := members.leave(world, union, numbers):
        left, act, at = gone
        transfers.left(world, union, left)
        members.write(world, union, left, union.code)
        if union.state == "dissolved":
            filings.end(world, union, len(left), act, at)
    donors.remember(union, people)


def _superiors(world: World) -> list[Superior]:
    """All of level 3, each with somebody who reviews; so have those of level 2."""
    reviewers: dict[int, Actor] = {}
    for user in User.objects.filter(roles__contains=[Role.REVIEWER], union__isnull=False).order_by("-pk"):
        reviewers[user.union_id or 0] = actor_of(user)
    at = world.clock.midnight - SETTLED
    rows = Union.objects.superiors().exclude(kind=UnionKind.CITY).select_related("superior").order_by("code")
    level3s = []
    for place, union in enumerate(rows):
        if union.pk not in reviewers:
            name = invent_person(unions.REVIEWERS + place).name
            email = f"superior-{union.code}@demo.test"
            reviewers[union.pk] = unions.account(world, email, name, union.pk, [Role.ADMIN, Role.REVIEWER], at)
        if union.level == 3:
            level3s.append(Superior(union, reviewers[union.pk]))
    return level3s


def _numbers_begin() -> int:
    """What the next 工会编号 has behind its superior's three digits."""
    last = Union.objects.filter(number__isnull=False).aggregate(last=Max(Right("number", 6)))["last"]
    return int(last or 0) + 1
