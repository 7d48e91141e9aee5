"""The tables of transitions (kit/states.py): every state has one, the database holds it, docs/states.md shows it."""

from pathlib import Path

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, models, transaction

from gonghui.kit.states import Transitions
from scripts.draw_states import DOCUMENT, drawn
from tests.states import Table, tables
from tests.test_choices import choices_classes

TABLES = tables()


def test_every_column_of_states_has_a_table_of_what_may_follow():
    states = [choices.choices for choices in choices_classes() if choices.__name__.endswith(("State", "Status"))]
    columns = {
        (model, field.name)
        for model in apps.get_models()
        if model.__module__.startswith("gonghui.") and not model.__name__.endswith("Event")
        for field in model._meta.concrete_fields
        if field.choices and list(field.flatchoices) in states
    }
    assert len(columns) > 10
    assert columns == {(model, field) for model, field, _ in TABLES}


@pytest.mark.parametrize(("model", "field", "transitions"), TABLES, ids=lambda one: getattr(one, "__name__", None))
def test_a_table_has_every_state_that_the_column_may_hold(
    model: type[models.Model], field: str, transitions: Transitions
):
    column = model._meta.get_field(field)
    assert set(transitions.following) == {*(value for value, _ in column.flatchoices), *([""] if column.blank else [])}


@pytest.mark.django_db
@pytest.mark.parametrize("table", TABLES, ids=lambda one: f"{one[0]._meta.label}.{one[1]}")
def test_the_database_refuses_every_beginning_and_every_move_that_is_not_in_the_table(table: Table):
    """The real triggers, on a table that has nothing but the column."""
    model, field, transitions = table
    states = list(map(str, transitions.following))
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TEMPORARY TABLE probe ({field} text)")
        begins, moves = _triggers(model, field)
        cursor.execute(moves)
        for old in states:
            after = [new for new in states if new == old or _taken(f"UPDATE probe SET {field} = %s", new, given=old)]  # noqa: S608
            assert after == [one for one in states if one == old or one in transitions.following[old]], old
        cursor.execute("DELETE FROM probe")
        cursor.execute(begins)
        began = [state for state in states if _taken(f"INSERT INTO probe ({field}) VALUES (%s)", state)]  # noqa: S608
    assert set(began) == set(transitions.initial)


def _triggers(model: type[models.Model], field: str) -> tuple[str, str]:
    table = model._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE tgrelid = %s::regclass AND tgname ~ %s ORDER BY tgname",
            [table, f"^pgtrigger_{field}_(begins|moves)_"],
        )
        begins, moves = (text.replace(f" ON public.{table} ", " ON probe ") for (text,) in cursor.fetchall())
    return begins, moves


def _taken(statement: str, value: str, *, given: str | None = None) -> bool:
    """Whether the statement goes through; with ``given``, on a row that holds it."""
    with connection.cursor() as cursor:
        if given is not None:
            cursor.execute("TRUNCATE probe")
            cursor.execute("INSERT INTO probe VALUES (%s)", [given])
        try:
            with transaction.atomic():
                cursor.execute(statement, [value])
        except IntegrityError:
            return False
        return True


def test_a_table_that_is_not_whole_is_an_error():
    with pytest.raises(ValueError, match="elsewhere"):
        Transitions(initial=["here"], following={"here": ["elsewhere"]})
    with pytest.raises(ValueError, match="nowhere"):
        Transitions(initial=["here"], following={"here": [], "nowhere": []})


def test_the_drawing_is_of_today():
    assert Path(DOCUMENT).read_text() == drawn(), "python scripts/draw_states.py draws it anew"
