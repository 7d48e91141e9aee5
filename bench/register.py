"""A database of its own with as many members as a bench wants, filled by a few statements.

Tables are filled without their indexes and foreign keys, which come back afterwards: ten million members take ten
minutes instead of an hour. A folder given by `--keep` keeps the database for the next bench.
"""

import os
import subprocess
import sys
import tempfile
from argparse import ArgumentParser, Namespace
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

ROOT = Path(__file__).parents[1]
SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢"
GIVEN = (
    "伟强磊军勇杰涛明超辉刚平建国志华文斌宇浩鹏飞凯俊峰旭晨博毅翔芳娜敏静丽艳娟霞秀英玲桂兰萍红梅琳雪颖佳慧婷莹洁"
    "倩雨欣怡悦蕾永春生根荣福贵祥林东海波云龙新民安康乐天成德仁义礼信诚正光亮晓冬夏秋"
)

STREETS = """
WITH made AS (
    INSERT INTO unions_union (kind, superior_id, name, pinyin, area, state, grassroots_type, leader, member_count)
    SELECT 'street', superior, '第' || n || '街道工会', n::text, '第' || n || '街道', 'approved', '', '', 0
    FROM unnest(%(districts)s::bigint[]) AS superior, generate_series(1, 14) AS n
    RETURNING id)
SELECT array_agg(id ORDER BY id) FROM made
"""
GRASSROOTS = """
INSERT INTO unions_union (kind, superior_id, name, pinyin, area, number, state, grassroots_type, leader, member_count)
SELECT 'grassroots', (%(streets)s::bigint[])[1 + n * 31 %% cardinality(%(streets)s::bigint[])],
    '上海第' || n || '有限公司工会', n::text, '', 'B' || n, 'approved', 'single', '', 0
FROM generate_series(1, %(unions)s) AS n
"""
EMPLOYERS = """
INSERT INTO unions_employer (union_id, name, former_code, economic_type, industry, address)
SELECT id, replace(name, '工会', ''), '', '', '', '' FROM unions_union WHERE number LIKE 'B%%'
"""

# Twenty neighbours each time: members come in batches. Every hundredth is of the one large union.
MEMBERS = """
INSERT INTO members_member (number, union_id, name, pinyin, document_type, document_sealed, document_hash, sex, born_on,
    address_sealed, mobile_sealed, position, education, household, skill_level, unit_code, has_card, status, created_at)
SELECT (9000000000 + n)::text,
    CASE WHEN n %% 100 = 0 THEN %(large)s ELSE (%(grassroots)s::bigint[])[1 + (n / 20 * 7919 %% %(unions)s)::int] END,
    substr(%(surnames)s, 1 + least(a %% 50, b %% 49), 1) || substr(%(given)s, 1 + c %% 90, 1)
        || CASE WHEN b %% 5 = 0 THEN '' ELSE substr(%(given)s, 1 + a / 50 %% 90, 1) END,
    'wang2', 'resident_id', decode(repeat('5a', 60), 'hex'), sha256(int8send(n)), 'male', '1990-01-01',
    decode(repeat('5a', 80), 'hex'), decode(repeat('5a', 53), 'hex'), 'member', 'bachelor', 'urban', 'junior', '',
    false, 'normal', now()
FROM generate_series(1::bigint, %(members)s) AS n,
    abs(hashint8(n) / 2) AS a, abs(hashint8(n + 7) / 2) AS b, abs(hashint8(n + 77) / 2) AS c
"""
COUNTS = """
UPDATE unions_union SET member_count = counted.members
FROM (SELECT union_id, count(*) AS members FROM members_member GROUP BY union_id) AS counted
WHERE unions_union.id = counted.union_id
"""


@dataclass(frozen=True)
class Register:
    """A filled database: the owner's URL, a folder for files, and the tests' cast."""

    owner_url: str
    folder: Path
    cast: Any


def parser(members: int) -> ArgumentParser:
    """The options that every bench of the register has."""
    options = ArgumentParser()
    options.add_argument("--members", type=int, default=members, help="people in the register beforehand")
    options.add_argument("--keep", type=Path, help="a folder that keeps the database, filled when it is new")
    return options


@contextmanager
def opened(options: Namespace, settings: str = "gonghui.config.settings") -> Iterator[Register]:
    """The database while it is needed. It is gone afterwards unless `--keep` says where it stays."""
    with tempfile.TemporaryDirectory(prefix="gonghui-bench-") as folder:
        server = _install(options.keep or Path(folder), settings)
        try:
            yield Register(server.owner_url, Path(folder), _filled(server.owner_url, options.members))
        finally:
            server.stop()


def _install(var: Path, settings: str) -> Any:
    os.environ |= {
        "GONGHUI_VAR": str(var),
        "GONGHUI_DEMO": "1",
        "GONGHUI_LOG_LEVEL": "ERROR",
        "DJANGO_SETTINGS_MODULE": "gonghui.config.settings",
    }
    os.environ.pop("DATABASE_URL", None)
    subprocess.run([sys.executable, "-m", "gonghui.config.cli", "migrate"], check=True, capture_output=True)
    from gonghui.config import database
    from gonghui.config.environment import read

    server = database.ensure(read())
    import django

    os.environ["DJANGO_SETTINGS_MODULE"] = settings  # after the migration, which a process of its own has made
    django.setup()
    sys.path.insert(0, str(ROOT))
    return server


def _filled(owner_url: str, members: int) -> Any:
    from gonghui.members.models import Member
    from tests.people import make_cast

    with psycopg.connect(owner_url, autocommit=True, cursor_factory=psycopg.ClientCursor) as owner:
        if not Member.objects.exists():
            owner.execute("SET maintenance_work_mem = '1GB'")
            _fill(owner, make_cast(), members)
        owner.execute("VACUUM ANALYZE")  # at rest: what the last bench of a kept database left is cleared up
    return _cast()


def _cast() -> Any:
    """The cast as the database knows it now, as far as the benches need it."""
    from gonghui.accounts.models import User

    users = {user.name: user for user in User.objects.select_related("union")}
    names = {
        "officer": "示例经办人",
        "neighbour_officer": "邻家经办人",
        "far_officer": "电机经办人",
        "reviewer": "五角场镇审核人",
        "other_reviewer": "新江湾城审核人",
        "viewer": "五角场镇查看人",
        "district_admin": "区总管理员",
        "platform_admin": "市总平台管理员",
    }
    people = {key: users[name] for key, name in names.items()}
    of = {
        "union": "officer",
        "neighbour": "neighbour_officer",
        "far": "far_officer",
        "street": "viewer",
        "other_street": "other_reviewer",
        "district": "district_admin",
    }
    return Namespace(**people, **{name: people[who].union for name, who in of.items()})


def _fill(owner: psycopg.Connection, cast: Any, members: int) -> None:
    from gonghui.unions.levels import UnionKind
    from tests.factories import make_union

    city = cast.city
    districts = [cast.district] + [
        make_union(UnionKind.DISTRICT, city, name=f"第{n}区总工会", area=f"第{n}区", code=f"{n + 10:03}")
        for n in range(1, 16)
    ]
    streets = _one(owner, STREETS, {"districts": [district.pk for district in districts]})
    unions = min(max(members // 50, 4_000), 200_000)
    owner.execute(GRASSROOTS, {"streets": [*streets, cast.street.pk, cast.other_street.pk], "unions": unions})
    owner.execute(EMPLOYERS)
    grassroots = _one(owner, "SELECT array_agg(id ORDER BY id) FROM unions_union WHERE number LIKE 'B%%'", {})
    values = {"large": cast.far.pk, "grassroots": grassroots, "unions": unions, "members": members}
    with bare(owner, "members_member"):
        owner.execute(MEMBERS, values | {"surnames": SURNAMES, "given": GIVEN})
    owner.execute(COUNTS)


def seal(members: Iterable[Any]) -> None:
    """The register's people share a filler for what is sealed; these get values that open."""
    from gonghui.kit.sealing import owner_of
    from gonghui.members.encryption import to_columns
    from gonghui.members.models import Member

    values = {"document_number": "310110199001010019", "address": "示例路1号", "mobile": "13000000000"}
    for member in members:
        Member.objects.filter(pk=member.pk).update(**to_columns(values, owner_of(member)))


def _one(owner: psycopg.Connection, sql: str, values: dict[str, Any]) -> Any:
    row = owner.execute(sql, values).fetchone()  # type: ignore[arg-type] # a constant
    return row[0] if row else None


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
