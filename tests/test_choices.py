"""No value that a choice allows is an error anywhere: look-ups by a Choices class are whole, and every address answers.

The values go through all addresses of the table of tests/test_scope.py, by GET and by POST, on the rows of the world:
of each column that the address reads (tests/reads.py).
"""

import importlib
import pkgutil
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from enum import Enum
from functools import cached_property
from itertools import chain
from typing import Any

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, models, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.timezone import localdate
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

import gonghui
from gonghui.accounts.backends import UnionBackend
from gonghui.accounts.middleware import _duty
from gonghui.accounts.models import User
from gonghui.kit.choices import Some
from gonghui.members.models import Membership
from gonghui.members.standings import RetainedFor
from gonghui.portal.menu import menu
from gonghui.portal.worklist import waiting
from gonghui.unions.models import RegisteredEmployer
from tests import test_scope
from tests.addresses import TABLE
from tests.reads import columns_read
from tests.states import out_of_order
from tests.world import SIGNED_IN, Row, World, rolled_back, savepoint

signed_in, world = test_scope.signed_in, test_scope.world

Choices = type[models.Choices]


def choices_classes(above: Choices = models.Choices) -> Iterator[Choices]:
    for one in above.__subclasses__():
        if one.__module__.startswith("gonghui."):
            yield one
        yield from choices_classes(one)


def lookups() -> Iterator[tuple[str, Mapping[Any, Any] | Some[Any, Any]]]:
    """Every mapping that a module of ours holds, by its name; migrations and commands hold none."""
    for module in pkgutil.walk_packages(gonghui.__path__, "gonghui."):
        if ".migrations" not in module.name and ".management" not in module.name:
            for name, value in vars(importlib.import_module(module.name)).items():
                if isinstance(value, Mapping | Some) and not name.startswith("__"):
                    yield f"{module.name}.{name}", value


def keyed_by(keys: list[Any]) -> Choices | None:
    """The Choices class whose members these keys are; or whose values most of it, as text, in an app that knows no class."""
    for choices in choices_classes():
        if any(isinstance(key, choices) for key in keys):
            return choices
        texts = [key for key in keys if isinstance(key, str) and not isinstance(key, Enum) and len(key) > 1]
        if len(texts) == len(keys) > len(choices) / 2 and set(texts) <= set(choices.values):
            return choices
    return None


def test_a_look_up_by_a_choice_has_an_entry_for_each_or_cannot_fail():
    seen = []
    for name, found in lookups():
        keys = [key for key, _ in found.items()]
        choices = keyed_by(keys)
        if isinstance(found, Some):
            assert choices, f"{name}: Some is for the members of a Choices class"
            assert found.others.endswith("."), name
            assert set(keys) < set(choices), f"{name} has them all: a dict will do"
        elif choices:
            seen.append(name)
            assert set(choices.values) == set(map(str, keys)), f"{name}: give the missing ones, or say why in a Some"
    assert "gonghui.inspections.members.check.RETIREMENT" in seen
    assert "gonghui.kit.documents.DOCUMENT_CHECKS" in seen


def test_some_answers_for_what_it_has_not():
    some = Some({"a": 1}, others="Nothing is known of them.")
    assert (some.get("a", 0), some.get("b", 0), "a" in some, "b" in some) == (1, 0, True, False)
    assert not hasattr(some, "__getitem__")


Field = models.Field
ENDED = {"decided_at": timezone.now()}
WITH: dict[tuple[str, str], dict[str, Any]] = {
    ("members.Member.status", "unattached"): {"union": None},
    ("members.Member.standing", "retained"): {"retained_for": "sick", "standing_on": localdate()},
    **{
        ("members.Member.standing", standing): {"union": None, "status": "unattached", "standing_on": localdate()}
        for standing in ("resigned", "expelled")
    },
    **{
        ("members.Member.retained_for", reason): {"standing": "retained", "standing_on": localdate()}
        for reason in RetainedFor.values
    },
    **{
        ("transfers.Transfer.state", state): ENDED
        for state in ("agreed", "refused", "withdrawn", "lapsed", "left", "undone")
    },
    ("national.MemberReport.state", "reported"): {"reason": ""},
    ("national.UnionReport.state", "reported"): {"reason": ""},
    ("attachments.Attachment.type", "pdf"): {"pages": 1, "width": None, "height": None},
    ("transfers.Transfer.way", "leave"): {"target": None, "reason": "left"},
    **{
        ("transfers.Transfer.reason", reason): {"target": None, "way": "leave"}
        for reason in ("resigned", "retired", "died", "left")
    },
    ("transfers.Transfer.reason", "withdrawn"): {"target": None, "way": "leave", "document_on": localdate()},
    ("transfers.Transfer.reason", "expelled"): {
        "target": None,
        "way": "leave",
        "document_on": localdate(),
        "document_number": "5",
    },
    **{
        ("bookings.SelfCheck.state", state): ENDED | {"opinion": "发票不清楚"}
        for state in ("accepted", "refused", "withdrawn")
    },
    **{("exports.Export.state", state): {"second": False} for state in ("building", "ready", "expired", "failed")},
    ("exports.Export.state", "refused"): {"second": False, "opinion": "范围太大"},
    ("exports.Export.state", "recalled"): {"recalled_by": models.F("by"), "recalled_at": timezone.now()},
    **{("cards.Card.state", state): {"ended_at": timezone.now()} for state in ("replaced", "cancelled")},
    **{("members.Membership.ended_by", reason): {"ended_on": localdate()} for reason in Membership.Reason.values},
}
"""What the database wants beside a value."""
THINGS = [thing for part in World.__mro__ for thing, made in vars(part).items() if isinstance(made, cached_property)]
ELSEWHERE = {
    ("filings.Relocation.way", "within"): "filings/relocation/test_actions.py",
    ("filings.Relocation.way", "across"): "filings/relocation/test_actions.py",
    ("filings.Dissolution.way", "merged"): "filings/dissolution/test_actions.py",
    **dict.fromkeys(
        (("bookings.Contest.state", one) for one in ("upheld", "refused")), "bookings/marks/test_actions.py"
    ),
    **dict.fromkeys(
        (("bookings.Offer.state", one) for one in ("accepted", "declined", "expired", "void")),
        "bookings/places/test_actions.py",
    ),
}
"""Of what the world has no row: where it is tried."""
EVERY_PAGE = (UnionBackend.get_user, _duty, menu, waiting)
"""What every page asks whatever it is about: who asks, what this account must do first, its menu, its work that waits."""
SHOWING_WORK = {"home", "reviews:desk"}
"""Pages that show that work in a manner of their own."""
ANSWERED = {200, 302}
CODE_LISTS = [choices.choices for choices in choices_classes() if choices.__module__.endswith(".codes")]


def fields() -> list[Field]:
    """Every column of ours with choices; the tables of earlier versions hold what these held."""
    ours = [model for model in apps.get_models() if model.__module__.startswith("gonghui.")]
    return [
        field
        for model in ours
        if not model.__name__.endswith("Event")
        for field in model._meta.concrete_fields
        if field.choices or getattr(getattr(field, "base_field", None), "choices", None)
    ]


def values_of(field: Field) -> list[Any]:
    """What may stand in the column; of a list of choices, each alone."""
    base = getattr(field, "base_field", None)
    found = [value for value, _ in field.flatchoices] if field.choices else [[value] for value, _ in base.choices]
    return [
        *found,
        *([""] if field.blank and field.choices and "" not in found else []),
        *([None] if field.null else []),
    ]


def name_of(field: Field) -> str:
    return f"{field.model._meta.app_label}.{field.model.__name__}.{field.name}"


def possible(values: dict[Field, Any]) -> bool:
    """Let every row of the world hold the values that the database allows it; False if that is none."""
    models_of = {field.model: {} for field in values}
    for field, value in values.items():
        models_of[field.model][field] = value
    return any([_held(model, some) for model, some in models_of.items()])  # noqa: C419 (all of them)


def _held(model: type[models.Model], values: dict[Field, Any]) -> bool:
    """All columns of all rows at once; if the database refuses that, each column that it allows, and of this each row."""
    rows = model._base_manager.all()
    beside = [WITH.get((name_of(field), value), {}) for field, value in values.items() if isinstance(value, str)]
    written = {field.name: value for field, value in values.items()} | dict(
        chain.from_iterable(map(dict.items, beside))
    )
    try:
        with transaction.atomic():
            return bool(rows.update(**written))
    except IntegrityError:
        if len(values) > 1:
            return any([_held(model, {field: value}) for field, value in values.items()])  # noqa: C419 (all of them)
        # Every row, though one is enough for the answer.
        return sum(_updated(rows.filter(pk=pk), written) for pk in rows.values_list("pk", flat=True)) > 0


def _updated(row: models.QuerySet, values: dict[str, Any]) -> bool:
    try:
        with transaction.atomic():
            return bool(row.update(**values))
    except IntegrityError:
        return False


@contextmanager
def gathered(*, but_by: Collection[Callable[..., Any]] = ()) -> Iterator[set[Field]]:
    """The columns that statements of the ORM fetch inside, and that are read then: no other decides what happens."""
    found: set[Field] = set()
    with CaptureQueriesContext(connection) as captured, columns_read(fields(), but_by=but_by) as read:
        yield found
    asked = "".join(query["sql"] for query in captured.captured_queries)
    found.update(one for one in read if f'"{one.model._meta.db_table}"."{one.column}"' in asked)


def rounds(read: set[Field]) -> Iterator[dict[Field, Any]]:
    """Each value of each column: those of the code lists together, for they decide nothing about each other; those of a
    state, a kind, a way alone.
    """
    found = [field for field in fields() if field in read]
    coded = {one: values_of(one) for one in found if one.flatchoices in CODE_LISTS}
    for place in range(max(map(len, coded.values()), default=0)):
        yield {one: values[place % len(values)] for one, values in coded.items()}
    yield from ({one: value} for one in found if one not in coded for value in values_of(one))


def run_jobs(since: int) -> None:
    """What the request has queued, as the worker would: within the test's transaction, which nobody else sees."""
    for job in ProcrastinateJob.objects.filter(status="todo", pk__gt=since).order_by("pk"):
        run(app.tasks[job.task_name], **job.args)


def run(task: Any, **arguments: Any) -> None:
    if not task.pass_context:  # a mail's job, which asks for nothing but the mail
        task.func(**arguments)


def askers(row: Row) -> list[str]:
    """An officer and the city see most; of pages that neither sees, whoever does."""
    answered = [who for who, status in row.expected.items() if status in ANSWERED]
    wanted = [who for who in ("officer", "platform_admin") if who in answered] or sorted(answered)[:1]
    return wanted if row.method == "get" else wanted[:1]


@pytest.fixture
def registered(world: World) -> RegisteredEmployer:
    """The entry of the statistical register for the newcomer's employer."""
    return RegisteredEmployer.objects.create(name=world.cast.unfiled.name, code="91310110MA1FL0001X")


@pytest.mark.django_db
@out_of_order()
def test_the_world_has_a_row_for_every_value(world: World, registered):
    wanted = {(name_of(field), str(value)) for field in fields() for value in values_of(field)}
    held = {(name, str(value)) for name, value in ELSEWHERE}
    for thing in THINGS:
        with rolled_back():
            World(world.cast, world.sessions).number(thing)
            for field in fields():
                for value in values_of(field):
                    if (name_of(field), str(value)) not in held:
                        with transaction.atomic():
                            if possible({field: value}):
                                held.add((name_of(field), str(value)))
                            transaction.set_rollback(True)
    assert wanted == held


@pytest.mark.django_db
@pytest.mark.parametrize("row", [row for row in TABLE if ANSWERED & {*row.expected.values()}], ids=str)
@out_of_order()
def test_every_value_of_every_choice_is_answered(world: World, registered, row: Row):
    address = world.address(row)
    newest = ProcrastinateJob.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    alike = () if row.name in SHOWING_WORK else EVERY_PAGE  # below
    for who in askers(row):
        with rolled_back(), gathered(but_by=alike) as read:
            world.ask(who, row, address)
            run_jobs(newest)
        for values in rounds(read):
            with transaction.atomic():
                if possible(values):
                    status = world.ask(who, row, address).status_code
                    assert status < 500 or row.name == "readyz", (who, values)
                    run_jobs(newest)
                transaction.set_rollback(True)


@pytest.mark.django_db
@pytest.mark.parametrize("who", sorted(SIGNED_IN))
@out_of_order()
def test_every_value_is_taken_by_what_every_page_asks(world: World, who: str):
    """Before the empty lists of the world as it begins, and where there is one of each thing."""
    row = Row("home", "get", {})
    for full in chain([world], crowded(world, all_of_them=who in {"officer", "platform_admin"})):
        with gathered() as read:
            full.ask(who, row, full.address(row))
        assert User._meta.get_field("roles") in read
        for values in rounds(read):
            with rolled_back():
                if possible(values):
                    assert full.ask(who, row, full.address(row)).status_code < 500, values


def crowded(world: World, *, all_of_them: bool) -> Iterator[World]:
    """Worlds with as many things as can be there at once; together they have every thing, the first has most."""
    missing = THINGS
    while missing:
        full = World(world.cast, world.sessions)
        with rolled_back():
            alone = [thing for thing in missing if not added(full, thing)]
            assert alone != missing
            yield full
        missing = alone if all_of_them else []


def added(world: World, thing: str) -> bool:
    """Whether the world takes the thing beside those that it has."""
    before = vars(world).copy()
    try:
        with savepoint():
            world.number(thing)
    except Exception:  # noqa: BLE001 (whatever its maker says: it is made in another world)
        vars(world).clear()
        vars(world).update(before)
        return False
    return True


@pytest.mark.django_db
@out_of_order()
def test_every_value_is_taken_by_the_jobs_that_come_by_the_clock(world: World):
    errors: list[Exception] = []
    for _ in crowded(world, all_of_them=True):
        for task in (periodic.task for periodic in app.periodic_registry.periodic_tasks.values()):
            with rolled_back(), gathered() as read, collected(errors, task.name):
                run(task, timestamp=0)
            for values in rounds(read):
                with transaction.atomic():
                    if possible(values):
                        with collected(errors, f"{task.name}: {values}"):
                            run(task, timestamp=0)
                    transaction.set_rollback(True)
    if errors:
        raise ExceptionGroup("what a job does not take", errors)


@contextmanager
def collected(errors: list[Exception], where: str) -> Iterator[None]:
    try:
        yield
    except Exception as error:  # noqa: BLE001 (all of them are told, at the end)
        error.add_note(where)
        errors.append(error)
