"""The table of entries is partitioned by year (ADR 44). No row is copied: the table itself becomes the first partition.

What takes long (an index, and the look whether a row is of a later year) is done while the platform goes on working; the
exchange itself is one short transaction. A run that was stopped may be run again.
"""

from typing import Any

from django.conf import settings
from django.db import migrations, models, transaction
from django.db.models import PROTECT

SHORT_WAIT = "SET LOCAL lock_timeout = '10s'"
"""Who waits for the table longer than this keeps everybody else waiting; then the migration is run again."""

INDEXES = {
    "entry_at": "(at DESC, id DESC)",
    "entry_actor_at": "(actor_id, at DESC, id DESC)",
    "entry_union_at": "(union_id, at DESC, id DESC)",
    "entry_object_at": "(object_type, object_id, at DESC, id DESC)",
    "entry_verb_at": "(verb, at DESC, id DESC)",
    "entry_of_several": "USING gin (data jsonb_path_ops) WHERE object_type = ''",
}

MAKE_PARTITIONS = """
CREATE OR REPLACE FUNCTION audit_make_partitions() RETURNS text[]
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp SET lock_timeout = '10s' AS $$
DECLARE
    newest int;
    wanted int := extract(year FROM now() AT TIME ZONE 'Asia/Shanghai')::int + 1;
    strays boolean;
    made text[] := '{}';
    part text;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('audit_make_partitions'));
    SELECT max(right(c.relname, 4)::int) INTO newest
    FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
    WHERE i.inhparent = 'public.audit_entry'::regclass AND c.relname ~ '^audit_entry_[0-9]{4}$';
    IF newest >= wanted THEN
        RETURN made;
    END IF;
    SELECT EXISTS (SELECT FROM public.audit_entry_default) INTO strays;
    IF strays THEN  -- entries of a year that had no partition: they are put where they belong
        ALTER TABLE public.audit_entry DETACH PARTITION public.audit_entry_default;
        ALTER TABLE public.audit_entry_default RENAME TO audit_entry_strays;
    END IF;
    FOR year IN newest + 1 .. wanted LOOP
        part := 'audit_entry_' || year;
        EXECUTE format('CREATE TABLE public.%I (LIKE public.audit_entry INCLUDING DEFAULTS)', part);
        EXECUTE format(
            'ALTER TABLE public.audit_entry ATTACH PARTITION public.%I FOR VALUES FROM (%L) TO (%L)', part,
            make_timestamptz(year, 1, 1, 0, 0, 0, 'Asia/Shanghai'),
            make_timestamptz(year + 1, 1, 1, 0, 0, 0, 'Asia/Shanghai'));
        made := made || part;
    END LOOP;
    IF strays THEN
        CREATE TABLE public.audit_entry_default PARTITION OF public.audit_entry DEFAULT;
        INSERT INTO public.audit_entry SELECT * FROM public.audit_entry_strays;
        DROP TABLE public.audit_entry_strays;
    END IF;
    RETURN made;
END $$
"""
"""Makes the partitions up to next year's. The application may call it, since it has no right to make a table itself."""


def partition(apps: Any, editor: Any) -> None:
    """Makes ``audit_entry`` partitioned, with all rows there are in its first partition."""
    with editor.connection.cursor() as cursor:
        cursor.execute("SELECT relkind FROM pg_class WHERE oid = 'audit_entry'::regclass")
        if cursor.fetchone() == ("p",):
            return  # exchanged by a run that was stopped afterwards
        cursor.execute(
            "SELECT extract(year FROM greatest(max(at), now()) AT TIME ZONE 'Asia/Shanghai')::int FROM audit_entry"
        )
        (year,) = cursor.fetchone()
        first, end = f"audit_entry_{year}", f"{year + 1}-01-01 00:00:00+08"
        _prepare(cursor, first, end)
        with transaction.atomic(using=editor.connection.alias):
            cursor.execute(SHORT_WAIT)
            _exchange(cursor, first, end)
            cursor.execute(MAKE_PARTITIONS)
            cursor.execute("SELECT audit_make_partitions()")


def _prepare(cursor: Any, first: str, end: str) -> None:
    """Beside the work: the new key's index, the one that has changed, and the proof that every row is of the past."""
    for name, kind, columns in (
        (f"{first}_pkey", "UNIQUE INDEX", "(id, at)"),
        (f"{first}_object_at", "INDEX", INDEXES["entry_object_at"]),
    ):
        cursor.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
        cursor.execute(f"CREATE {kind} CONCURRENTLY {name} ON audit_entry {columns}")
    cursor.execute("ALTER TABLE audit_entry DROP CONSTRAINT IF EXISTS entry_of_first_partition")
    cursor.execute(
        f"ALTER TABLE audit_entry ADD CONSTRAINT entry_of_first_partition CHECK (at < '{end}'::timestamptz) NOT VALID"
    )
    cursor.execute("ALTER TABLE audit_entry VALIDATE CONSTRAINT entry_of_first_partition")


def _exchange(cursor: Any, first: str, end: str) -> None:
    """Puts the partitioned table in the table's place, with its indexes, rights and numbers."""
    cursor.execute("LOCK TABLE audit_entry IN ACCESS EXCLUSIVE MODE")
    cursor.execute("SELECT nextval(pg_get_serial_sequence('audit_entry', 'id'))")
    (next_id,) = cursor.fetchone()
    cursor.execute(
        "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint"
        " WHERE conrelid = 'audit_entry'::regclass AND contype = 'f'"
    )
    ((foreign_key, references),) = cursor.fetchall()
    cursor.execute(
        "SELECT indexname FROM pg_indexes WHERE tablename = 'audit_entry' AND indexname LIKE 'audit\\_entry\\_actor%'"
    )
    unused = [name for (name,) in cursor.fetchall()]  # of the foreign key alone; entry_actor_at begins with it
    renamed = [f"ALTER INDEX {name} RENAME TO {first}_{name.removeprefix('entry_')}" for name in INDEXES]
    for statement in (
        "DROP TRIGGER pgtrigger_entry_append_only_04ad0 ON audit_entry",  # it comes back with the partitioned table's
        "DROP INDEX entry_object",
        *(f"DROP INDEX {name}" for name in unused),
        *(sql for sql in renamed if "entry_object_at" not in sql),
        "ALTER TABLE audit_entry ALTER id DROP IDENTITY",
        "ALTER TABLE audit_entry DROP CONSTRAINT audit_entry_pkey",
        f"ALTER TABLE audit_entry ADD CONSTRAINT {first}_pkey PRIMARY KEY USING INDEX {first}_pkey",
        f"ALTER TABLE audit_entry RENAME TO {first}",
        f"CREATE TABLE audit_entry (LIKE {first} INCLUDING DEFAULTS) PARTITION BY RANGE (at)",
        f"ALTER TABLE audit_entry ALTER id ADD GENERATED BY DEFAULT AS IDENTITY (START WITH {next_id})",
        "ALTER TABLE audit_entry ADD PRIMARY KEY (id, at)",
        f"ALTER TABLE audit_entry ADD CONSTRAINT {foreign_key} {references}",
        *(f"CREATE INDEX {name} ON audit_entry {columns}" for name, columns in INDEXES.items()),
        "CREATE TRIGGER pgtrigger_entry_append_only_04ad0 BEFORE DELETE OR UPDATE ON audit_entry"
        " FOR EACH ROW EXECUTE FUNCTION pgtrigger_entry_append_only_04ad0()",
        f"ALTER TABLE audit_entry ATTACH PARTITION {first} FOR VALUES FROM (MINVALUE) TO ('{end}')",
        f"ALTER TABLE {first} DROP CONSTRAINT entry_of_first_partition",
        "CREATE TABLE audit_entry_default PARTITION OF audit_entry DEFAULT",
    ):
        cursor.execute(statement)
    _keep_rights(cursor, first)


def _keep_rights(cursor: Any, first: str) -> None:
    """Gives the roles that work meanwhile the rights that they had; `gonghui migrate` sets them anew at its end."""
    cursor.execute(
        "SELECT format('GRANT %%s ON audit_entry TO %%I', privilege_type, pg_get_userbyid(grantee))"
        " FROM pg_class, aclexplode(relacl) WHERE oid = %s::regclass AND grantee <> relowner AND grantee <> 0",
        [first],
    )
    for (grant,) in cursor.fetchall():
        cursor.execute(grant)


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("audit", "0004_entries_of_several"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunPython(partition)],
            state_operations=[
                migrations.RemoveIndex("entry", "entry_object"),
                migrations.AddIndex(
                    "entry",
                    models.Index(fields=["object_type", "object_id", "-at", "-id"], name="entry_object_at"),
                ),
                migrations.AlterField(
                    "entry",
                    "actor",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="操作人",
                    ),
                ),
            ],
        ),
    ]
