"""The whole city, share by share, into a database that holds the tree and the windows of the inspections."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import chain

from allauth.account.models import EmailAddress
from django.db import connection, models, transaction
from django.db.models import Max
from django.db.models.functions import Right

from gonghui.accounts.models import Role, User
from gonghui.audit.models import Entry
from gonghui.cards.models import Application, Batch, Card, Line, Order, ResultFile, UnionCode
from gonghui.demo_data.city import cards, desk, inspections, members, unions
from gonghui.demo_data.city.bare import bare
from gonghui.demo_data.city.making import LEADING, Ground, Made, make
from gonghui.demo_data.city.plan import Plan
from gonghui.demo_data.city.processes import made_in_order
from gonghui.demo_data.city.rows import Sender
from gonghui.demo_data.city.shares import SETTLED, Ids, Share, shares
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

Progress = Callable[[str], None]
"""Is told in words how far it is."""


class Growth:
    """A city on its way. Runs as the owner of the tables, with no other writer."""

    def __init__(self, plan: Plan, progress: Progress) -> None:
        """Begin with the first share, in the caller's transaction; a small city is `whole` then."""
        self._plan, self._progress, self._unions = plan, progress, 0
        self._sender = Sender(TABLES, LEADING)
        officers = User.objects.filter(union__kind=UnionKind.CITY, roles__contains=[Role.PLATFORM_ADMIN])
        officer = officers.order_by("pk")[0]
        self._ground, self._own = self._prepared(officer)
        self._numbers = members.numbers_of_city()
        coming = shares(plan, self._ground.superiors, self._numbers)
        self._send(first := next(coming), make(self._ground, first))
        self._let_ids_go_on()
        members.save_numbers(self._numbers)
        self._analyse()
        # While the tables are small: what is dated back goes through all of them.
        desk.work(self._ground.ids.begin(Batch), officer)
        following = next(coming, None)
        self.whole = following is None
        self._coming: Iterator[Share] = chain([following], coming) if following else iter(())

    def rest(self, processes: int) -> None:
        """All other shares, in one transaction and into tables without indexes: nobody may be working with them."""
        with transaction.atomic(), bare([model._meta.db_table for model in TABLES]):
            if processes > 1:
                made = made_in_order(self._ground, self._coming, processes)
            else:
                made = ((share, make(self._ground, share)) for share in self._coming)
            for share, rows in made:
                self._send(share, rows)
            self._progress("building the indexes")
        members.save_numbers(self._numbers)

    def close(self) -> None:
        """What is known only at the end: how much the old orders hold."""
        cards.close_desk(self._own, self._ground.desk)
        self._sender.send(self._own.rows.packed())
        self._analyse()

    def _prepared(self, officer: User) -> tuple[Ground, World]:
        """The ground, and the world of what is in no share: accounts of superiors and orders of the desk are there."""
        plan, by = self._plan, actor_of(officer)
        begin = {
            model._meta.label: 1 + (model._default_manager.aggregate(last=Max("pk"))["last"] or 0) for model in TABLES
        }
        ids = Ids(plan, begin, TABLES)
        ground = Ground(plan, TABLES, ids, _numbers_begin(), by, [], inspections.windows_of_city(), cards.Desk([]))
        own = ground.world(ids.own())
        ground = replace(ground, superiors=_superiors(own), desk=cards.open_desk(own))
        self._sender.send(own.rows.packed())
        return ground, own

    def _send(self, share: Share, made: Made) -> None:
        pieces = dict(made.pieces)
        if lines := pieces.get(Line._meta.label):
            pieces[Line._meta.label] = self._ground.desk.number_lines(lines, made.lots)
        self._sender.send(pieces)
        self._unions += len(share.sizes)
        self._progress(f"{self._unions} of {self._plan.unions} unions, {self._sender.sent} rows")

    def _let_ids_go_on(self) -> None:
        """The tables' own ids begin behind all that the city may give; so does 工会编号."""
        with connection.cursor() as cursor:
            for model in TABLES:
                key = model._meta.pk
                if isinstance(key, models.AutoField):
                    values = [model._meta.db_table, key.column, self._ground.ids.end(model)]
                    cursor.execute("SELECT setval(pg_get_serial_sequence(%s, %s), %s)", values)
            cursor.execute("SELECT setval('unions_number', %s)", [self._ground.first_number + self._plan.unions - 1])

    def _analyse(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"ANALYZE {', '.join(model._meta.db_table for model in TABLES)}")


def _superiors(world: World) -> list[Superior]:
    """All of level 3, each with somebody who reviews; so have those of level 2."""
    reviewers: dict[int, Actor] = {}
    for user in User.objects.filter(roles__contains=[Role.REVIEWER], union__isnull=False).order_by("-pk"):
        reviewers[user.union_id or 0] = actor_of(user)
    at = world.clock.midnight - SETTLED
    rows = Union.objects.superiors().exclude(kind=UnionKind.CITY).select_related("superior__superior").order_by("code")
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
