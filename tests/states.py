"""Watches which states follow which while a story happens, and asks whether every move of the table was made."""

from collections.abc import Iterator
from contextlib import contextmanager

import pgtrigger
from django.db import connection, models, transaction

from gonghui.kit.states import StateTrigger, Transitions

Table = tuple[type[models.Model], str, Transitions]


def tables() -> list[Table]:
    """Every column that holds states, with its table of transitions."""
    found = {
        (model, one.field): one.transitions for model, one in pgtrigger.registered() if isinstance(one, StateTrigger)
    }
    return [(model, field, transitions) for (model, field), transitions in found.items()]


@contextmanager
def out_of_order() -> Iterator[None]:
    """While inside, in the test's transaction, any state may follow any (and it decorates a test).

    As ``pgtrigger.ignore`` does, but once: that puts its parameter before those of every statement, named ones too.
    """
    ignored = ",".join(one.get_pgid(model) for model, one in pgtrigger.registered() if isinstance(one, StateTrigger))
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('pgtrigger.ignore', true)")
        (before,) = cursor.fetchone()
        cursor.execute("SELECT set_config('pgtrigger.ignore', %s, true)", [f"{{{ignored}}}"])
        yield
        cursor.execute("SELECT set_config('pgtrigger.ignore', %s, true)", [before or "{}"])


def put(row: models.Model, state: str) -> None:
    """Into a state to which no act leads from where the row is."""
    row.state = state
    with transaction.atomic(), out_of_order():
        row.save(update_fields=["state"])


@contextmanager
def every_move_is_made(*watched: type[models.Model]) -> Iterator[None]:
    """What happens inside makes each move of these models' tables. In the test's transaction, which takes the watch away."""
    wanted = [(model, field, transitions) for model, field, transitions in tables() if model in watched]
    assert {model for model, *_ in wanted} == set(watched)
    with connection.cursor() as cursor:
        cursor.execute("""
            CREATE TABLE watched_moves (relation text, field text, old text, new text);
            CREATE FUNCTION watch_move() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                INSERT INTO watched_moves
                    VALUES (TG_TABLE_NAME, TG_ARGV[0], to_jsonb(OLD) ->> TG_ARGV[0], to_jsonb(NEW) ->> TG_ARGV[0]);
                RETURN NULL;
            END $$""")
        for model, field, _ in wanted:
            cursor.execute(f"""
                CREATE TRIGGER watch_{field} AFTER UPDATE ON {model._meta.db_table} FOR EACH ROW
                WHEN (OLD.{field} <> NEW.{field}) EXECUTE FUNCTION watch_move('{field}')""")
        yield
        for model, field, transitions in wanted:
            cursor.execute(
                "SELECT DISTINCT old, new FROM watched_moves WHERE (relation, field) = (%s, %s)",
                [model._meta.db_table, field],
            )
            missing = {(str(old), str(new)) for old, new in transitions.pairs()} - set(cursor.fetchall())
            assert not missing, f"{model.__name__}.{field} never moved so: {sorted(missing)}"
