"""Rows come by COPY in pieces of any size, and are the same for the same seed."""

import re
from collections import defaultdict
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import connection, transaction
from django.db.models import AutoField
from django.utils import timezone
from psycopg.errors import CheckViolation

from gonghui.accounts.models import Role
from gonghui.audit.models import Entry
from gonghui.cards.models import Line
from gonghui.demo_data.city import rows, shares
from gonghui.demo_data.city.growing import TABLES, Growth
from gonghui.demo_data.city.plan import Plan
from gonghui.demo_data.city.rows import Range, Rows, Sender
from gonghui.demo_data.city.shares import Ids
from gonghui.demo_data.people import make_user
from gonghui.members.models import Member
from gonghui.notices.models import Notice
from gonghui.policies.actions import set_policy
from gonghui.unions.levels import UnionKind
from gonghui.unions.loading import load_tree
from gonghui.unions.models import Union

pytestmark = [pytest.mark.django_db, pytest.mark.server]

VARYING = re.compile("_sealed$|^seal_id$|^password$")
"""What is sealed, and with what, is never twice the same."""


@pytest.fixture
def admin():
    """The tree, and the one who works at the card desk."""
    load_tree("上海市")
    return make_user("city@demo.test", "周敏", Union.objects.get(kind=UnionKind.CITY), [Role.PLATFORM_ADMIN])


def grown(plan: Plan, processes: int = 1) -> dict[str, list[list[Any]]]:
    """Every row of a city, as far as it is not sealed, and the documents that are; then it is gone again."""
    found = {}
    with (
        connection.cursor() as cursor
    ):  # the desk's exports have their own ids in their numbers, which are not rolled back
        cursor.execute("SELECT setval(pg_get_serial_sequence('exports_export', 'id'), 1, false)")
    with transaction.atomic():
        growth = Growth(plan, lambda text: None)
        assert not growth.whole
        growth.rest(processes)
        growth.close()
        for model in TABLES:
            columns = [field.attname for field in model._meta.concrete_fields if not VARYING.search(field.attname)]
            table = model._default_manager.order_by("pk").values_list(*columns)
            found[model._meta.label] = [[_bare(value) for value in row] for row in table]
        found["documents"] = [[one.document_number, one.mobile] for one in Member.objects.order_by("pk")]
        transaction.set_rollback(True)
    return found


def _bare(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: one for key, one in value.items() if key != "phone_sealed"}
    return bytes(value) if isinstance(value, memoryview) else value


@pytest.fixture
def small_shares(monkeypatch):
    """So that a small city has several."""
    monkeypatch.setattr(shares, "UNIONS", 25)


def test_the_same_seed_gives_the_same_rows_by_any_number_of_processes(admin, small_shares, monkeypatch):
    plan = Plan(600, 60, 7)
    alone = grown(plan)
    assert len(alone["members.Member"]) > 600
    by_two = grown(plan, processes=2)
    assert [label for label in alone if alone[label] != by_two[label]] == []
    monkeypatch.setattr(rows, "ENOUGH", 50)
    pieces = grown(plan)
    assert [label for label in alone if alone[label] != pieces[label]] == []
    assert grown(Plan(600, 60, 8))["documents"] != alone["documents"]


def test_the_desk_sends_no_more_at_once_than_one_person_may(admin, small_shares):
    set_policy(admin.union, {"export_alone_rows": 3}, by=admin)
    names = [field.attname for field in Entry._meta.concrete_fields]
    entries = [dict(zip(names, row, strict=True)) for row in grown(Plan(2_000, 75, 7))["audit.Entry"]]
    sent = [entry["data"]["rows"] for entry in entries if entry["verb"] == "export.built"]
    assert sent
    assert max(sent) <= 3


def test_lines_of_all_shares_have_their_places_in_the_old_orders(admin, small_shares):
    found = grown(Plan(2_000, 75, 7))
    names = [field.attname for field in Line._meta.concrete_fields]
    place, order = names.index("sequence"), names.index("order_id")
    places = defaultdict(list)
    for line in found["cards.Line"]:
        places[line[order]].append(line[place])
    assert max(map(len, places.values())) > 50
    assert all(sorted(of) == [*range(1, len(of) + 1)] for of in places.values())


def test_indexes_and_foreign_keys_are_the_same_after_a_load(admin, small_shares):
    before = _indexes_and_constraints()
    with transaction.atomic():
        growth = Growth(Plan(600, 60, 7), lambda text: None)
        growth.rest(1)
        assert _indexes_and_constraints() == before
        transaction.set_rollback(True)


def _indexes_and_constraints() -> list[tuple[str, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index UNION ALL"
            " SELECT conname, pg_get_constraintdef(oid) || convalidated FROM pg_constraint ORDER BY 1, 2"
        )
        return cursor.fetchall()


@pytest.fixture
def some(admin):
    return _rows(Notice)


def _rows(model) -> Rows:
    ids = {model: 1}
    first_day = timezone.localdate() - timedelta(days=9)
    return Rows([model], Range(ids, {model: 3}, ids, a_day=2, first_day=first_day, whole_day=5), {})


def test_a_range_of_ids_does_not_run_into_the_next(some):
    assert [some.next_id(Notice) for _ in range(3)] == [1, 2, 3]
    with pytest.raises(ImproperlyConfigured, match="more than 3"):
        some.next_id(Notice)


def test_ids_by_the_day_follow_the_days_and_no_day_runs_into_the_next(some):
    today, before = timezone.now(), timezone.now() - timedelta(days=1)
    ids = [some.id_on(Notice, at) for at in (today, before, today, before)]
    assert sorted(ids) == [ids[1], ids[3], ids[0], ids[2]]
    with pytest.raises(ImproperlyConfigured, match="more than 2"):
        some.id_on(Notice, today)


@pytest.mark.parametrize("model", TABLES, ids=lambda model: model._meta.label)
def test_at_the_design_size_every_id_fits_its_column(model):
    ids = Ids(Plan(members=10_000_000, unions=200_000), {one._meta.label: 1_000_000 for one in TABLES}, TABLES)
    if isinstance(model._meta.pk, AutoField):
        _, most = connection.ops.integer_field_range(model._meta.pk.get_internal_type())
        assert ids.end(model) <= most


def test_ids_follow_the_days_or_the_rows_and_never_both():
    with pytest.raises(KeyError):
        _range_of_city().id_on(Member, timezone.now())
    with pytest.raises(KeyError):
        _range_of_city().next_id(Entry)


def _range_of_city() -> Rows:
    return Rows(
        TABLES,
        Ids(Plan(members=100, unions=5), dict.fromkeys((one._meta.label for one in TABLES), 1), TABLES).own(),
        {},
    )


def test_what_is_not_a_column_or_must_be_given_is_told(some, admin):
    with pytest.raises(ImproperlyConfigured, match="colour"):
        some.add(Notice, colour="red")
    with pytest.raises(ImproperlyConfigured, match="must be given"):
        some.add(Notice, id=1, user_id=admin.pk)


@pytest.mark.parametrize("said", ["甲\t乙", "\\N", "两\n行", 'a\\b"c', ""])
def test_any_text_arrives_as_it_is(some, admin, said):
    some.add(
        Notice,
        id=1,
        user_id=admin.pk,
        title=said,
        tasks=[said, "b"],
        body=said,
        url="",
        kind="",
        created_at=timezone.now(),
    )
    Sender([Notice], {}).send(some.packed())
    notice = Notice.objects.get()
    assert (notice.title, notice.tasks, notice.body) == (said, [said, "b"], said)


def test_constraints_hold_for_copied_rows_too(admin):
    some = _rows(Union)
    some.add(Union, id=some.next_id(Union) + 10**6, kind="nonsense", name="甲", state="approved", seal_id=uuid4(),
             created_at=timezone.now())  # fmt: skip
    with pytest.raises(CheckViolation), transaction.atomic():
        Sender([Union], {}).send(some.packed())
