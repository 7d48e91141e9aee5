"""Open notices grouped by what they ask for: three hundred requests that wait for a reviewer are one line (SPEC 7.1)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import connection

from gonghui.accounts.models import User
from gonghui.notices.hooks import TaskKind, task_kinds
from gonghui.notices.models import Notice

COUNTED = 999
"""Tasks of one kind that are counted: the page costs the same for any number of notices."""

# Each kind by the index notice_open_kind, newest first; several notices may ask for the same (a reminder), and one for several.
_COUNTED = """
SELECT kind.code, counted.tasks, counted.newest
FROM unnest(%(codes)s::text[]) AS kind(code),
LATERAL (
    WITH notice AS (
        SELECT id, tasks FROM notices_notice
        WHERE user_id = %(user)s AND kind = kind.code AND kind <> '' AND read_at IS NULL
        ORDER BY id DESC LIMIT %(limit)s
    )
    SELECT (SELECT count(*) FROM notice) AS notices, (SELECT max(id) FROM notice) AS newest,
        (SELECT count(DISTINCT task) FROM (SELECT unnest(tasks) AS task FROM notice LIMIT %(limit)s) AS open_task) AS tasks
) AS counted
WHERE counted.notices > 1
"""


@dataclass(frozen=True)
class Group:
    """Several open notices of one kind."""

    kind: TaskKind
    count: int  # open tasks, up to COUNTED + 1
    newest: Notice

    @property
    def counted(self) -> str:
        return f"{COUNTED}+" if self.count > COUNTED else str(self.count)

    def __str__(self) -> str:
        return f"{self.kind.label} {self.counted} 件"


def groups_of(user: User) -> list[Group]:
    """The kinds of which the user has more than one open notice. Two statements."""
    kinds = task_kinds()
    codes = [kind.code for kind in kinds]
    with connection.cursor() as cursor:
        cursor.execute(_COUNTED, {"codes": codes, "user": user.pk, "limit": COUNTED + 1})
        counts = {code: (count, newest) for code, count, newest in cursor.fetchall()}
    newest = Notice.objects.in_bulk([pk for _, pk in counts.values()]) if counts else {}
    return [
        Group(kind, counts[kind.code][0], newest[counts[kind.code][1]])
        for kind in kinds
        if kind.code in counts and counts[kind.code][1] in newest
    ]


def grouped(notices: Iterable[Notice]) -> tuple[list[Group], list[Notice]]:
    """The same of these notices, in memory and newest first: the groups, and those that stand alone.

    A notice of a kind that is read by now is in neither: what it asked for is done.
    """
    kinds = {kind.code: kind for kind in task_kinds()}
    by_kind: dict[str, list[Notice]] = {}
    alone = []
    for notice in notices:
        if notice.kind not in kinds:
            alone.append(notice)
        elif notice.read_at is None:
            by_kind.setdefault(notice.kind, []).append(notice)
    groups = []
    for code in kinds:
        of_kind: Sequence[Notice] = by_kind.get(code, ())
        if len(of_kind) == 1:
            alone += of_kind
        elif of_kind:
            groups.append(Group(kinds[code], len({task for notice in of_kind for task in notice.tasks}), of_kind[0]))
    return groups, sorted(alone, key=lambda notice: -notice.pk)
