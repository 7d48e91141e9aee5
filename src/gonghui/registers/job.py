"""What a load does besides an administrator's acts: check the file, write what differs, end (SPEC 5.4, ADR 43).

Both passes read the file from its sealed pieces, a chunk of lines at a time. The check writes nothing but the lines'
keys, and begins anew when it is killed. The load writes each chunk in one transaction together with the number of its
last line: killed, it goes on behind that line. What a line does is decided by the register as it is in that transaction,
so a line that was written already is the same, and changes nothing.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import astuple
from datetime import datetime
from itertools import islice
from typing import Any

import pghistory
import psycopg
from django.core.cache import cache
from django.db import IntegrityError, connection, transaction
from django.db.models import Count
from django.urls import reverse
from django.utils import timezone

from gonghui.accounts.models import User
from gonghui.audit import verbs
from gonghui.audit.actions import record
from gonghui.kit.bulk import execute
from gonghui.kit.errors import Refused
from gonghui.kit.excel import Problem
from gonghui.kit.jobs import TryAgain
from gonghui.kit.sealing import opened_bytes, owner_of, purpose
from gonghui.notices.actions import notify
from gonghui.registers import queries, source
from gonghui.registers.kinds import Changed, Good, Read, RegisterKind, Session, Written
from gonghui.registers.models import OPEN, RUNNING, Line, Load, LoadState, Piece, Register, Verdict
from gonghui.registers.registry import KINDS

verbs.register(register__checked="检查登记库文件", register__loaded="载入登记库", register__failed="登记库没有载入")
verbs.facts(
    "register", register=("登记库", Register), employers="单位数", new="新增", changed="变更", same="不变", wrong="有误",
    elsewhere="在工会中",
)  # fmt: skip

CHUNK = 2_000
"""Lines of one transaction, which is also the step of the progress."""
PROBLEMS_KEPT = 10_000
"""Of a file with more problems these are listed, and all are counted."""
TIMES_TRIED = 3
"""Attempts at a chunk when somebody else changes one of its people meanwhile."""

_LOCK = 4_316_043
"""The first half of the advisory lock of a load; the second is its id."""

_INTERRUPTED = "载入中断。请再上传一次同一个文件：已经载入的行不会重复，其余的接着载入；如果一直如此，请联系技术支持。"

Progress = Callable[[Load], None]


def run(load_id: int, progress: Progress = lambda load: None) -> None:
    """Does what a load waits for; nothing if it waits for nobody, or has ended.

    Raises TryAgain when another process works at it, and errors that another run may avoid (a lost database).
    """
    with held(load_id) as free:
        if not free:
            raise TryAgain
        load = Load.objects.select_related("by").get(pk=load_id)
        if not load.is_running:
            return
        try:
            with pghistory.context(user=load.by_id, load=load.pk):
                (_check if load.state == LoadState.CHECKING else _load)(load, KINDS[load.register], progress)
        except Refused as refused:
            end(load.pk, LoadState.FAILED, refused.sentence)


@contextmanager
def held(load_id: int) -> Iterator[bool]:
    """A lock of this connection, which PostgreSQL frees when the process dies: whether it was free."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s::int)", [_LOCK, load_id])
        (free,) = cursor.fetchone()
    try:
        yield free
    finally:
        if free:
            execute("SELECT pg_advisory_unlock(%s, %s::int)", [_LOCK, load_id])


def give_up(load_id: int) -> None:
    """Fails a load whose job has failed or was lost, unless a process is at work on it (a command has no job)."""
    with held(load_id) as free:
        if free:
            end(load_id, LoadState.FAILED, _INTERRUPTED, only=RUNNING)


def end(load_id: int, state: LoadState, sentence: str, *, only: Sequence[str] = OPEN) -> None:
    """Ends a load that is still open: deletes its file and lines, records it, and notifies whoever began it."""
    with transaction.atomic():
        load = Load.objects.light().select_for_update(of=("self",)).select_related("by").get(pk=load_id)
        if load.state not in only:
            return
        load.state, load.message, load.ended_at = state, sentence, timezone.now()
        load.save(update_fields=["state", "message", "ended_at"])
        _drop(load)
        cache.delete(queries.COUNT.format(load.register))
        if state == LoadState.DONE:
            record(
                "register.loaded", load, by=load.by, register=load.register, new=load.added, changed=load.changed,
                same=load.rows_same, elsewhere=load.rows_elsewhere, wrong=load.rows_wrong,
            )  # fmt: skip
        elif state == LoadState.FAILED:
            record("register.failed", load, by=load.by, register=load.register, reason=sentence)
        if load.by and state != LoadState.DISCARDED:
            _tell(load, load.by)


def _drop(load: Load) -> None:
    Piece.objects.filter(load=load).delete()
    Line.objects.filter(load=load).delete()


def _tell(load: Load, user: User) -> None:
    title = f"{load.get_register_display()}：{load.get_state_display()}"
    url = reverse("registers:load", args=[load.pk])
    notify([user], title, body=load.message or f"“{load.filename}”已检查，请确认。", url=url)


def drop_old(older_than: datetime) -> None:
    """Ends what nobody went on with, and empties the error lists of old loads."""
    left = Load.objects.filter(state__in=(LoadState.UPLOADING, LoadState.WAITING), touched_at__lt=older_than)
    for pk in left.values_list("pk", flat=True):
        end(pk, LoadState.DISCARDED, "长时间没有继续，已自动放弃。")
    Load.objects.filter(ended_at__lt=older_than, problems_sealed__isnull=False).update(problems_sealed=None)


# Reading


def _opened(load: Load, kind: RegisterKind) -> source.Source:
    def pieces() -> Iterator[bytes]:
        for number in range(Piece.objects.filter(load=load).count()):
            yield opened_bytes(Piece.objects.get(load=load, number=number), "content_sealed")

    return source.opened(pieces, load.size, load.filename, kind.columns())


def _chunks(rows: Iterator[Read]) -> Iterator[list[Read]]:
    while chunk := list(islice(rows, CHUNK)):
        yield chunk


class _Tally:
    """The problems of a file: the first ones, and how many there are of how many lines."""

    def __init__(self) -> None:
        self.kept: list[Problem] = []
        self.count = self.lines = 0

    def add(self, problems: Sequence[Problem]) -> None:
        self.kept += problems[: PROBLEMS_KEPT - len(self.kept)]
        self.count += len(problems)
        self.lines += len({problem.row for problem in problems})

    def merge(self, problems: Sequence[Problem], count: int) -> None:
        """Adds those that repeat each other, each another line, in the file's order."""
        self.kept = sorted([*self.kept, *problems], key=lambda problem: problem.row)[:PROBLEMS_KEPT]
        self.count, self.lines = self.count + count, self.lines + count

    def sealed(self, load: Load) -> bytes | None:
        text = json.dumps([astuple(problem) for problem in self.kept], ensure_ascii=False)
        return purpose(Load, "problems_sealed").seal(text, owner_of(load)) if self.kept else None


# The check

_COPY_LINES = f"COPY {Line._meta.db_table} (load_id, line, key, verdict) FROM STDIN"
_FIND_TWINS = f"""
UPDATE {Line._meta.db_table} AS kept SET twin = found.twin
FROM (
    SELECT line, coalesce(lag(line) OVER same, lead(line) OVER same) AS twin
    FROM {Line._meta.db_table} WHERE load_id = %(load)s WINDOW same AS (PARTITION BY key ORDER BY line)) AS found
WHERE kept.load_id = %(load)s AND kept.line = found.line AND found.twin IS NOT NULL
"""  # noqa: S608 (a table's name)


def _check(load: Load, kind: RegisterKind, progress: Progress) -> None:
    """Checks every line, finds those that repeat each other, and counts what each would do."""
    Line.objects.filter(load=load).delete()
    file, tally, total = _opened(load, kind), _Tally(), 0
    session = kind.begin(file.keys)
    for chunk in _chunks(iter(file)):
        problems: list[Problem] = []
        good = session.sort(session.check(chunk, problems), problems)
        tally.add(sorted(problems, key=lambda problem: problem.row))
        _keep(load, good)
        total += len(chunk)
        _advance(load, chunk[-1].line, total, progress)
    if not total:
        raise Refused("文件只有表头，没有数据，没有载入任何一行。请从表头下一行起填写后再上传。")
    _merge_twins(load, kind, tally)
    _checked(load, file, tally, total)


def _keep(load: Load, rows: Sequence[Good]) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL synchronous_commit TO off")  # what a crash takes here is checked anew
        with cursor.copy(_COPY_LINES) as copy:
            for row in rows:
                copy.write_row((load.pk, row.line, row.key, row.verdict.value))


def _advance(load: Load, line: int, total: int, progress: Progress) -> None:
    load.rows_done, load.rows_total = line, total
    Load.objects.filter(pk=load.pk).update(rows_done=line)
    progress(load)


def _merge_twins(load: Load, kind: RegisterKind, tally: _Tally) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        # What PostgreSQL knows of the table is of the load before: by a loop it would compare each line with each.
        cursor.execute("SET LOCAL enable_nestloop TO off")
        cursor.execute(_FIND_TWINS, {"load": load.pk})
    repeated = Line.objects.filter(load=load, twin__isnull=False).order_by("line")
    first = [kind.repeated(one.line, one.key, one.twin or 0) for one in repeated[:PROBLEMS_KEPT]]
    tally.merge(first, repeated.count())


def _checked(load: Load, file: source.Source, tally: _Tally, total: int) -> None:
    rows = Line.objects.filter(load=load, twin=None).values_list("verdict")
    counts: dict[str, int] = dict(rows.annotate(count=Count("pk")))
    with transaction.atomic():
        load = Load.objects.select_for_update(of=("self",)).select_related("by").get(pk=load.pk)
        if load.state != LoadState.CHECKING:
            return
        columns: dict[str, Any] = {
            "read_as": file.read_as, "notes": "".join(file.notes), "rows_total": total, "rows_done": 0,
            "rows_new": counts.get(Verdict.NEW, 0), "rows_changed": counts.get(Verdict.CHANGED, 0),
            "rows_same": counts.get(Verdict.SAME, 0), "rows_elsewhere": counts.get(Verdict.ELSEWHERE, 0),
            "rows_wrong": tally.lines, "problem_count": tally.count, "problems_sealed": tally.sealed(load),
            "seal_id": load.seal_id,
        }  # fmt: skip
        for name, value in columns.items():
            setattr(load, name, value)
        writes = load.rows_new + load.rows_changed
        if writes:
            load.state = LoadState.WAITING
        load.touched_at = timezone.now()
        load.save(update_fields=[*columns, "state", "touched_at"])
        record(
            "register.checked", load, by=load.by, register=load.register, rows=total, new=load.rows_new,
            changed=load.rows_changed, same=load.rows_same, elsewhere=load.rows_elsewhere, wrong=load.rows_wrong,
        )  # fmt: skip
        if writes and load.by:
            _tell(load, load.by)
    if not writes:
        failed = "没有可以载入的行。请按错误清单改正后重新上传。"
        nothing = load.rows_same + load.rows_elsewhere
        end(load.pk, LoadState.DONE if nothing else LoadState.FAILED, "没有变化。" if nothing else failed)


# The load


def _load(load: Load, kind: RegisterKind, progress: Progress) -> None:
    """Writes what is new or has changed, a chunk a transaction, behind the last line that is written already."""
    file = _opened(load, kind)
    session = kind.begin(file.keys)
    for chunk in _chunks(iter(file)):
        if chunk[-1].line > load.rows_done:
            _write(load, session, [row for row in chunk if row.line > load.rows_done])
            progress(load)
    load.refresh_from_db(fields=["added", "changed", "rows_new", "rows_changed"])
    end(load.pk, LoadState.DONE, _message(load), only=[LoadState.LOADING])


def _write(load: Load, session: Session, chunk: Sequence[Read]) -> None:
    """Checks, compares and writes a chunk in one transaction; again when somebody else was quicker at one of its rows."""
    for attempt in range(1, TIMES_TRIED + 1):
        try:
            with transaction.atomic():
                done = _written(load, session, chunk)
        except (Changed, IntegrityError, psycopg.IntegrityError):
            if attempt == TIMES_TRIED:
                raise TryAgain from None
        else:
            load.rows_done, load.added, load.changed = (
                chunk[-1].line,
                load.added + done.added,
                load.changed + done.changed,
            )
            return


def _written(load: Load, session: Session, chunk: Sequence[Read]) -> Written:
    first, last = chunk[0].line, chunk[-1].line
    repeated = set(
        Line.objects.filter(load=load, twin__isnull=False, line__range=(first, last)).values_list("line", flat=True)
    )
    good = session.sort(session.check([row for row in chunk if row.line not in repeated], []), [])
    differing = [row for row in good if row.verdict in (Verdict.NEW, Verdict.CHANGED)]
    done = session.write(differing) if differing else Written(0, 0)
    Load.objects.filter(pk=load.pk, state=LoadState.LOADING).update(
        rows_done=last, added=load.added + done.added, changed=load.changed + done.changed
    )
    return done


def _message(load: Load) -> str:
    kind = KINDS[load.register]
    message = f"新增 {load.added:,} {kind.unit}，变更 {load.changed:,} {kind.unit}。"
    missing = load.rows_new + load.rows_changed - load.added - load.changed
    if missing > 0:
        message += f"检查之后库中有了变化，另有 {missing:,} 行没有再改动。"
    return message
