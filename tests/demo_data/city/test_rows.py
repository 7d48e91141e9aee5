"""Rows come by COPY in pieces of any size, and are the same for the same seed."""

import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import transaction
from django.utils import timezone
from psycopg.errors import CheckViolation

from gonghui.accounts.models import Role
from gonghui.demo_data.city import rows
from gonghui.demo_data.city.growing import TABLES, grow
from gonghui.demo_data.city.plan import Plan
from gonghui.demo_data.city.rows import Rows
from gonghui.demo_data.people import make_user
from gonghui.members.models import Member
from gonghui.notices.models import Notice
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


def grown(plan: Plan) -> dict[str, list[list[Any]]]:
    """Every row of a city, as far as it is not sealed, and the documents that are; then it is gone again."""
    found = {}
    with transaction.atomic():
        grow(plan)
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


def test_the_same_seed_gives_the_same_rows_however_many_are_kept_at_a_time(admin, monkeypatch):
    plan = Plan(600, 60, 7)
    whole = grown(plan)
    assert len(whole["members.Member"]) > 600
    monkeypatch.setattr(rows, "ENOUGH", 50)
    pieces = grown(plan)
    assert [label for label in whole if whole[label] != pieces[label]] == []
    assert grown(Plan(600, 60, 8))["documents"] != whole["documents"]


@pytest.fixture
def some(admin):
    return Rows([Notice], first_day=timezone.now() - timedelta(days=9), a_day=2)


def test_ids_by_the_day_follow_the_days_and_no_day_runs_into_the_next(some):
    today, before = timezone.now(), timezone.now() - timedelta(days=1)
    ids = [some.id_on(Notice, at) for at in (today, before, today, before)]
    assert sorted(ids) == [ids[1], ids[3], ids[0], ids[2]]
    with pytest.raises(ImproperlyConfigured, match="more than 2"):
        some.id_on(Notice, today)


def test_what_is_not_a_column_or_must_be_given_is_told(some, admin):
    with pytest.raises(ImproperlyConfigured, match="colour"):
        some.add(Notice, colour="red")
    with pytest.raises(ImproperlyConfigured, match="must be given"):
        some.add(Notice, id=1, user_id=admin.pk)


def test_constraints_hold_for_copied_rows_too(admin):
    some = Rows([Union], first_day=timezone.now(), a_day=2)
    some.add(
        Union,
        id=some.next_id(Union),
        kind="nonsense",
        name="甲",
        state="approved",
        seal_id=uuid4(),
        created_at=timezone.now(),
    )
    with pytest.raises(CheckViolation), transaction.atomic():
        some.copy()
