"""会员编号 (SPEC 3.2): three digits of the level-2 superior and seven running digits, each used once."""

import re

from django.db import connection

from gonghui.kit.errors import Refused
from gonghui.members.models import NumberRange
from gonghui.unions.models import Union

LAST = 9_999_999

_take = f"""
INSERT INTO {NumberRange._meta.db_table} AS numbers (level2_id, next) VALUES (%(level2)s, 1 + %(count)s)
ON CONFLICT (level2_id) DO UPDATE SET next = numbers.next + %(count)s WHERE numbers.next + %(count)s <= {LAST + 1}
RETURNING next
"""  # noqa: S608 (a table's name)


def numbering_union(union: Union) -> Union:
    """Returns the level-2 superior that numbers ``union``'s members. Raises Refused if there is none."""
    if union.level2 is None:
        raise Refused(f"{union.name}还没有上级工会，不能编会员编号。请先在“组织管理”中完成填报。")
    return union.level2


def take_numbers(level2: Union, count: int) -> range:
    """Takes ``count`` running numbers of ``level2`` by one statement, which also creates the range's row.

    The row is locked until the caller's transaction ends, and others of the same superior wait: take numbers late in a
    long transaction. Unused numbers are not used again. Raises Refused when fewer are left.
    """
    row = None
    if count <= LAST:
        with connection.cursor() as cursor:
            cursor.execute(_take, {"level2": level2.pk, "count": count})
            row = cursor.fetchone()
    if row is None:
        raise Refused(f"{level2.name}的会员编号已经用完，不能再登记会员。请联系市总工会分配新的代码。")
    return range(row[0] - count, row[0])


def number_prefix(level2: Union) -> str:
    """Returns the superior's three digits. Raises Refused if the city has not assigned them."""
    if not re.fullmatch(r"[0-9]{3}", level2.code or ""):
        raise Refused(f"{level2.name}还没有三位数的代码，不能编会员编号。请联系市总工会设置代码。")
    return level2.code or ""


def member_number(prefix: str, running: int) -> str:
    """Returns the 会员编号, for example ``0100000042`` for ``010`` and 42."""
    return f"{prefix}{running:07}"
