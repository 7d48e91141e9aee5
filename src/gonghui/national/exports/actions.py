"""Exports of the national forms: asked for, built by a job, downloaded, marked as reported, given up, deleted.

A run of the job takes the export over by its own id. Each file is one short transaction, and until the last of them the
export has none: so a killed run leaves nothing that anybody sees, and the next one starts over.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import chain, islice
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

from cryptography.hazmat.primitives import hashes
from django.db import IntegrityError, transaction
from django.db.models import Sum
from django.urls import reverse
from django.utils import timezone
from django.utils.timezone import localdate

from gonghui.accounts.models import User
from gonghui.accounts.rules import require
from gonghui.audit import verbs
from gonghui.audit.actions import record
from gonghui.exports import actions as disclosures
from gonghui.exports.building import Stopped
from gonghui.exports.models import MAX_REASON
from gonghui.exports.models import Export as Disclosure
from gonghui.exports.own_files import grown, hand_out, most_rows, not_written, written
from gonghui.kit.bulk import checks_at_once, chunks, execute
from gonghui.kit.errors import Refused
from gonghui.kit.excel.forms import FormColumn, write_form
from gonghui.kit.jobs import defer
from gonghui.kit.sealing import purpose as sealing
from gonghui.national.form import FormRow, NationalForm
from gonghui.national.models import Export, File, Form, Held
from gonghui.national.registry import FORMS
from gonghui.national.rules import can_export_forms
from gonghui.national.states import ExportState
from gonghui.notices.actions import notify

verbs.register(
    nationalform__asked="导出全国采集表",
    nationalform__built="生成全国采集表",
    nationalform__downloaded="下载全国采集表",
    nationalform__reported="登记采集表已上报",
    nationalform__failed="没有生成全国采集表",
)
verbs.looks(nationalform__downloaded=verbs.EACH)
verbs.facts(
    "nationalform",
    form=("采集表", Form), purpose="用途", files="文件数", incomplete="有缺项的行数", file="文件", digest="校验值",
)  # fmt: skip

MAX_ROWS = 63_000
"""Of one file: what the national platform takes."""
MAX_PURPOSE = MAX_REASON
CHUNK = 1000
"""Rows between two steps of the progress, and in one row of `Held`."""
HOURS_KEPT = 24
"""The files are full personal data."""
DAYS_HELD = 90
"""Whom an unreported export held is forgotten after so many days."""

INTERRUPTED = "处理中断，没有留下任何结果。请重新办理；如果一直如此，请联系技术支持。"

ONLY_EXPORTERS = "采集表含有完整的个人信息，只能由本工会的经办人或上级工会的管理员导出。"


def kind_of(form: str) -> str:
    """The form's key among the lists that leave."""
    return f"national_{form}"


def ask(form: str, *, purpose: str, by: User) -> Disclosure:
    """Asks for the form of the user's union and all below it; a job fills it in, at once or when a second person approved.

    Raises Refused: as `exports.actions.ask`, nothing to fill in, or the form is being filled in for the union already.
    """
    return disclosures.ask(kind_of(form), {"union": by.union_id}, purpose=purpose, by=by)


def begin(disclosure: Disclosure, form: str) -> None:
    """Has a job fill in a form that may leave. Raises Refused: it is being filled in for the union already."""
    from gonghui.national.tasks import build_export

    try:
        with transaction.atomic():
            export = Export.objects.create(
                form=form, union=disclosure.union, purpose=disclosure.purpose, total=disclosure.total, by=disclosure.by,
                disclosure=disclosure,
            )  # fmt: skip
    except IntegrityError as error:
        raise Refused("本工会的这张采集表正在生成，请在“导出记录”中等它完成。") from error
    record(
        "nationalform.asked", export, by=None if disclosure.second else disclosure.by, union=export.union, form=form,
        purpose=export.purpose,
    )  # fmt: skip
    defer(build_export, export_id=export.pk)


def recall_files(disclosure: Disclosure) -> None:
    """Deletes the files of what was called back. What was reported before stays so."""
    export = Export.objects.select_for_update().filter(disclosure=disclosure).first()
    if export is None:
        return
    export.files.all().delete()
    if export.state in (ExportState.BUILDING, ExportState.READY):
        export.held.all().delete()
        export.state, export.ended_at = ExportState.RECALLED, export.ended_at or timezone.now()
        export.save()


def build(export_id: int, *, most: int = MAX_ROWS) -> None:
    """Writes the files of an export, at most ``most`` rows in each: all rows, or none when there are more than allowed."""
    run = uuid4()
    with transaction.atomic():
        export = _lock(export_id)
        if export.state != ExportState.BUILDING:
            return
        export.files.all().delete()
        export.held.all().delete()
        export.run, export.done = run, 0
        export.save(update_fields=["run", "done"])
    try:
        _write_all(export, most)
    except Stopped:
        return
    except Refused as refusal:
        _fail(export_id, refusal.sentence)


def _write_all(export: Export, most: int) -> None:
    disclosure = export.disclosure
    if disclosure is None:  # asked for before an upgrade
        raise Refused(INTERRUPTED)
    if disclosures.plan_of(disclosure).total > most_rows(disclosure):
        raise grown(disclosure)
    national = FORMS[export.form].form
    passed = _Passed(export, disclosure)
    rows = passed.through(national.rows(export.union, national.asked()))
    for position, first in enumerate(rows, start=1):
        _write(export, national, position, chain([first], islice(rows, most - 1)), most, passed)
    _finish(export, passed)


class _Passed:
    """Counts the rows as they pass, shows the progress, and keeps whom the present file holds."""

    def __init__(self, export: Export, disclosure: Disclosure) -> None:
        self.export, self.disclosure, self.rows, self.incomplete = export, disclosure, 0, 0
        self.most = most_rows(disclosure)
        self.held: list[FormRow] = []

    def through(self, rows: Iterable[FormRow]) -> Iterator[FormRow]:
        """Raises Refused for more rows than are allowed, Stopped when the run is not wanted any more."""
        for row in rows:
            self.rows += 1
            if self.rows > self.most:
                raise grown(self.disclosure)
            self.incomplete += not row.complete
            self.held.append(row._replace(cells=[]))
            if self.rows % CHUNK == 0:
                mine = Export.objects.filter(pk=self.export.pk, run=self.export.run, state=ExportState.BUILDING)
                if not mine.update(done=self.rows):
                    raise Stopped
                Disclosure.objects.filter(pk=self.disclosure.pk).update(done=self.rows)
            yield row


def _write(
    export: Export, national: NationalForm, position: int, rows: Iterable[FormRow], most: int, passed: _Passed
) -> None:
    """Writes one file and whom it holds. Raises Stopped: called back, or another run of the job has taken over."""
    columns = [FormColumn("序号", 8), *(FormColumn(one.heading, one.width, one.values) for one in national.columns)]
    cells = ([str(number), *row.cells] for number, row in enumerate(rows, start=1))
    with TemporaryDirectory() as folder:
        path = Path(folder) / "form.xlsx"
        above = national.above(export.union)
        count = write_form(path, columns, cells, title=national.title, above=above, last_row=len(above) + 1 + most)
        content = path.read_bytes()
    digest = hashes.Hash(hashes.SM3())
    digest.update(content)
    held, passed.held = passed.held, []
    with transaction.atomic(), checks_at_once():
        now = _lock(export.pk)
        if now.run != export.run or now.state != ExportState.BUILDING:
            raise Stopped
        owner = uuid4()
        File.objects.create(
            export=export,
            position=position,
            name=f"{national.title}_{export.union.name}_{localdate(export.at):%Y%m%d}"
            f"_{passed.disclosure.number}_{position}.xlsx",
            rows=count,
            size=len(content),
            digest=digest.finalize().hex(),
            seal_id=owner,
            content_sealed=sealing(File, "content_sealed").seal_bytes(content, owner),
        )
        first = passed.rows - count
        Held.objects.bulk_create(
            Held(
                export=export,
                position=first + place * CHUNK,
                subjects=[row.subject for row in part],
                versions=[row.version for row in part],
            )
            for place, part in enumerate(chunks(held, CHUNK))
        )


def _finish(export: Export, passed: _Passed) -> None:
    run = export.run
    with transaction.atomic():
        disclosure = disclosures.lock(passed.disclosure.pk)
        export = _lock(export.pk)
        if export.run != run or export.state != ExportState.BUILDING:
            return
        export.state, export.ended_at = ExportState.READY, timezone.now()
        export.done = export.rows = passed.rows
        export.incomplete = passed.incomplete
        export.save()
        written(disclosure, export.rows)
        files = export.files.count()
        record(
            "nationalform.built", export, by=None, union=export.union,
            form=export.form, rows=export.rows, files=files, incomplete=export.incomplete,
        )  # fmt: skip
        body = f"共 {export.rows} 行，{files} 个文件，保留 {HOURS_KEPT} 小时。"
        notify([export.by], f"{export.get_form_display()}已生成", body=body, url=_address(export), mail=False)


def _lock(export_id: int) -> Export:
    return (
        Export.objects.select_for_update(of=("self",))
        .select_related("union", "by", "disclosure__union", "disclosure__by")
        .get(pk=export_id)
    )


def _address(export: Export) -> str:
    return reverse("national:export", args=[export.pk])


def download(export: Export, position: int, *, by: User) -> File:
    """Returns a file, and records that it was taken.

    Raises Refused: ``by`` may not, it was called back, or it is deleted by now.
    """
    with transaction.atomic():
        require(can_export_forms, by, sentence=ONLY_EXPORTERS)
        if export.disclosure_id is None:
            raise Refused("这份采集表是平台升级以前生成的，不能再下载。请重新导出。")
        hand_out(export.disclosure_id, by=by)
        export.refresh_from_db()
        file = File.objects.filter(export=export, position=position).first()
        if file is None or export.state in (ExportState.BUILDING, ExportState.FAILED):
            raise Refused(f"文件已删除：生成以后只保留 {HOURS_KEPT} 小时。请重新导出。")
        record(
            "nationalform.downloaded", export, by=by, union=export.union, people=_people_in(file),
            form=export.form, purpose=export.purpose, file=file.name, rows=file.rows, digest=file.digest,
        )  # fmt: skip
    return file


def _people_in(file: File) -> list[int]:
    """The members whom a file shows; none in the organisations' form."""
    if file.export.form != Form.MEMBER:
        return []
    earlier = File.objects.filter(export=file.export_id, position__lt=file.position).aggregate(rows=Sum("rows"))
    first = earlier["rows"] or 0
    held = Held.objects.filter(export=file.export_id, position__gte=first, position__lt=first + file.rows)
    return [member for row in held for member in row.subjects]


def mark(export: Export, *, by: User) -> None:
    """「已上报」: has a job enter all that the export held as reported, as it was then.

    Raises Refused: ``by`` may not, or the export is not ready, marked already, or too old.
    """
    from gonghui.national.tasks import mark_reported

    with transaction.atomic():
        export = _lock(export.pk)
        require(can_export_forms, by, sentence=ONLY_EXPORTERS)
        if export.state != ExportState.READY:
            raise Refused(f"这次导出的状态是“{export.get_state_display()}”，不能登记为已上报。")
        if not export.held.exists():
            raise Refused(f"导出超过 {DAYS_HELD} 天，已不能登记为已上报。请重新导出，上报以后再登记。")
        export.state, export.reported_by, export.reported_at = ExportState.MARKING, by, timezone.now()
        export.save()
        record("nationalform.reported", export, by=by, union=export.union, form=export.form, rows=export.rows)
        defer(mark_reported, export_id=export.pk)


def enter(export_id: int) -> None:
    """Enters what an export held as reported, in one transaction. Whoever has changed since remains 待报 by the version."""
    with transaction.atomic():
        export = _lock(export_id)
        if export.state != ExportState.MARKING:
            return
        reports = FORMS[export.form].reports
        key = reports._meta.pk
        target = key.remote_field.model._meta.db_table  # type: ignore[union-attr] # one to one with its subject
        with checks_at_once():
            execute(_ENTER.format(reports=reports._meta.db_table, key=key.column, target=target), {"export": export.pk})
        export.held.all().delete()
        export.state = ExportState.REPORTED
        export.save()
        title = f"{export.get_form_display()}已登记为已上报"
        notify([export.by], title, body=f"共 {export.rows} 行。", url=_address(export), mail=False)


# Whoever has left the register meanwhile is not entered.
_ENTER = f"""
INSERT INTO {{reports}} ({{key}}, state, version, reason, at)
SELECT held.subject, 'reported', held.version, '', now()
FROM (SELECT unnest(subjects) AS subject, unnest(versions) AS version
    FROM {Held._meta.db_table} WHERE export_id = %(export)s) AS held
JOIN {{target}} AS target ON target.id = held.subject ORDER BY held.subject
ON CONFLICT ({{key}}) DO UPDATE SET state = 'reported', version = excluded.version, reason = '', at = excluded.at
"""  # noqa: S608 (tables' names)


def give_up(export_id: int) -> None:
    """Ends an export that its job did not finish: nothing of it is kept; what could not be marked may be marked again."""
    _fail(export_id, INTERRUPTED)


def _fail(export_id: int, reason: str) -> None:
    disclosure_id = Export.objects.values_list("disclosure", flat=True).get(pk=export_id)
    with transaction.atomic():
        disclosure = disclosures.lock(disclosure_id) if disclosure_id else None
        export = _lock(export_id)
        if export.state == ExportState.BUILDING:
            export.files.all().delete()
            export.held.all().delete()
            export.state, export.ended_at = ExportState.FAILED, timezone.now()
            title = f"{export.get_form_display()}没有生成"
            if disclosure:
                not_written(disclosure, reason)
            record("nationalform.failed", export, by=None, union=export.union, form=export.form)
        elif export.state == ExportState.MARKING:
            export.state, export.reported_by, export.reported_at = ExportState.READY, None, None
            title = f"{export.get_form_display()}没有登记为已上报"
        else:
            return
        export.save()
        notify([export.by], title, body=reason, url=_address(export), mail=False)


def drop_old_files(now: datetime) -> None:
    """Deletes the files of a day ago, and forgets whom old exports held."""
    File.objects.filter(export__ended_at__lt=now - timedelta(hours=HOURS_KEPT)).delete()
    old = Export.objects.filter(ended_at__lt=now - timedelta(days=DAYS_HELD)).exclude(state=ExportState.MARKING)
    Held.objects.filter(export__in=old).delete()
