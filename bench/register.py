"""A database of its own with an invented city of any size, as `gonghui synth` makes it, and the people whom benches act as.

A folder given by `--keep` keeps the database for the next bench.
"""

import os
import subprocess
import sys
import tempfile
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import psycopg

ROOT = Path(__file__).parents[1]


STRANGERS = 50_000_000
"""Seeds from here on invent people and codes that are not in the city; each bench has ten million or more of its own."""


@dataclass(frozen=True)
class Register:
    """A filled database: the owner's URL, a folder for files, and whom benches act as."""

    owner_url: str
    folder: Path
    cast: Any


def parser(members: int) -> ArgumentParser:
    """The options that every bench of the register has."""
    options = ArgumentParser()
    options.add_argument("--members", type=int, default=members, help="people in the register beforehand")
    options.add_argument("--unions", type=int, help="grassroots unions (one for fifty members)")
    options.add_argument("--keep", type=Path, help="a folder that keeps the database, filled when it is new")
    return options


@contextmanager
def opened(options: Namespace, settings: str = "gonghui.config.settings") -> Iterator[Register]:
    """The database while it is needed. It is gone afterwards unless `--keep` says where it stays."""
    with tempfile.TemporaryDirectory(prefix="gonghui-bench-") as folder:
        server = _install(options.keep or Path(folder), options, settings)
        try:
            with psycopg.connect(server.owner_url, autocommit=True) as owner:
                owner.execute("VACUUM ANALYZE")  # at rest: what the last bench of a kept database left is cleared up
            yield Register(server.owner_url, Path(folder), _cast())
        finally:
            server.stop()


def _install(var: Path, options: Namespace, settings: str) -> Any:
    os.environ |= {
        "GONGHUI_VAR": str(var),
        "GONGHUI_DEMO": "1",
        "GONGHUI_LOG_LEVEL": "ERROR",
        "DJANGO_SETTINGS_MODULE": "gonghui.config.settings",
    }
    os.environ.pop("DATABASE_URL", None)
    sys.path.insert(0, str(ROOT))
    from gonghui.config import database
    from gonghui.config.environment import read

    if not (var / "postgres").exists():
        from tests import prepared

        prepared.migrated(var)  # migrating takes as long as all the benches of a small city; it is kept for the tests
    server = database.ensure(read())
    if database.is_empty():
        sizes = [f"--members={options.members}", *([f"--unions={options.unions}"] if options.unions else [])]
        command = [sys.executable, "-m", "gonghui.config.cli", "synth", "--leave-months", *sizes]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    import django

    os.environ["DJANGO_SETTINGS_MODULE"] = settings  # after the migration, which a process of its own has made
    django.setup()
    return server


CAST = {
    "reviewer": "wujiaochang@demo.test",
    "other_reviewer": "xinjiangwan@demo.test",
    "viewer": "viewer@demo.test",
    "district_admin": "yangpu@demo.test",
    "platform_admin": "city@demo.test",
}
OFFICERS = {"officer": "reviewer", "neighbour_officer": "other_reviewer"}
"""Of a new union without members, below whom."""


def _cast() -> Any:
    """Superiors of one district, officers of two empty unions there, and the officer of the largest union of the city."""
    from gonghui.accounts.models import User
    from tests import factories

    factories._serial = count(_free_serial())
    users = {user.email: user for user in User.objects.filter(email__in=CAST.values()).select_related("union")}
    people = {key: users[email] for key, email in CAST.items()}
    for key, above in OFFICERS.items():
        people[key] = _officer(people[above].union)
    people["far_officer"] = _officer_of_largest()
    of = {
        "union": "officer",
        "neighbour": "neighbour_officer",
        "far": "far_officer",
        "street": "reviewer",
        "other_street": "other_reviewer",
        "district": "district_admin",
    }
    return Namespace(**people, **{name: people[who].union for name, who in of.items()})


def _free_serial() -> int:
    """Behind all that the tests' factories have made in this database, which number what they make from 1."""
    from gonghui.accounts.models import User
    from gonghui.members.models import Member

    last = Member.objects.filter(number__gt="9").order_by("-number").values_list("number", flat=True).first()
    return int((last or "0")[1:] or 0) + 5 * User.objects.count() + 1_000


def new_member(union: Any) -> Any:
    """Somebody who is not in the city."""
    from gonghui.kit.invent import invent_person
    from tests.factories import _serial, make_member

    serial = next(_serial)
    member = make_member(union, number=invent_person(STRANGERS + 50_000_000 + serial).resident_id)
    member.number = f"9{serial:09}"
    member.save(update_fields=["number"])
    return member


def _officer(superior: Any) -> Any:
    from gonghui.accounts.models import User
    from tests.factories import make_union, make_user

    place = User.objects.count()  # a kept database has those of earlier runs
    number = f"{superior.superior.code}{900_000 + place % 100_000:06}"
    union = make_union("grassroots", superior, name=f"上海示例第{place}有限公司工会", number=number)
    return make_user(union, email=f"officer.{place}@bench.test")


def _officer_of_largest() -> Any:
    from gonghui.accounts.models import PrivacyAcceptance, User
    from gonghui.accounts.privacy import current_version

    officers = User.objects.filter(email__startswith="officer-", roles=["officer"]).select_related("union")
    one = officers.order_by("-union__member_count", "pk")[0]
    PrivacyAcceptance.objects.get_or_create(user=one, version=current_version())
    return one


def approved_unions() -> Any:
    """The grassroots unions of the city, without those of the demo's story and of the benches."""
    from gonghui.unions.models import Union

    return Union.objects.filter(state="approved", users__email__startswith="officer-").order_by("pk")


@contextmanager
def bare(owner: psycopg.Connection, table: str) -> Iterator[None]:
    """The table without indexes and foreign keys; all come back."""
    dropped = [*constraints(owner, table, "f"), *constraints(owner, table, "u")]  # a key may be one to this table
    for name, _ in dropped:
        owner.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
    indexes = owner.execute(
        "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = %s AND indexname NOT LIKE '%%_pkey'", [table]
    ).fetchall()
    for name, _ in indexes:
        owner.execute(f'DROP INDEX "{name}"')
    yield
    for name, definition in reversed(dropped):
        owner.execute(f'ALTER TABLE {table} ADD CONSTRAINT "{name}" {definition}')
    for _, definition in indexes:
        owner.execute(definition)


def constraints(owner: psycopg.Connection, table: str, kinds: str) -> list[tuple[str, str]]:
    """Name and definition of a table's foreign keys (f) and unique constraints (u)."""
    return owner.execute(
        "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint"
        " WHERE position(contype::text in %s) > 0 AND conrelid = %s::regclass",
        [kinds, table],
    ).fetchall()
