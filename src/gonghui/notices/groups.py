"""Open notices grouped by the kind of their task: three hundred reviews that wait are one line (SPEC 7.1)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import connection

from gonghui.accounts.models import User
from gonghui.notices.hooks import TaskKind, task_kinds
from gonghui.notices.models import Notice

COUNTED = 999
"""Maximum number of counted tasks of one kind, so the page costs the same for any number of notices."""

# Reads each kind with the index notice_open_kind, newest first. Several notices may have the same task (a reminder),
# and one notice several tasks.
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
    """Returns the kinds of which the user has more than one open notice. Two statements."""
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
    """Groups these notices in memory, newest first: returns the groups, and the notices without a group.

    A notice of a kind that was read meanwhile is in neither: its task is done.
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
