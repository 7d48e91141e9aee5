"""Exports are asked for, approved or refused, fetched and called back (SPEC 5.5). The job writes them (`building`).

This is the one door for full numbers: `ask` decides whether a second person must approve. Every act locks the export's row, so that
of two people at once the second finds what the first has done, and nothing begins to leave after it was called back.
"""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.timezone import localtime

from gonghui.accounts.models import User
from gonghui.accounts.rules import refresh, require
from gonghui.audit import verbs
from gonghui.audit.actions import record
from gonghui.exports.hooks import KINDS
from gonghui.exports.kinds import OwnFiles, Plan
from gonghui.exports.models import MAX_REASON, RECALLABLE, Export, ExportState, File
from gonghui.exports.queries import TASK_KIND, deciders, deciding_union, task_of
from gonghui.exports.rules import can_decide, can_fetch, can_recall
from gonghui.kit.errors import Refused
from gonghui.kit.jobs import defer
from gonghui.kit.sealing import purpose as sealing
from gonghui.notices.actions import notify, settle
from gonghui.policies.queries import of_union

verbs.register(
    export__asked="申请导出名单",
    export__approved="批准导出名单",
    export__refused="不批准导出名单",
    export__built="生成导出的名单",
    export__failed="没有生成导出的名单",
    export__recalled="收回导出的名单",
)
verbs.facts("export", list="名单", purpose="用途", full="完整号码", columns="列", second="须他人批准")

HOURS_KEPT = 24
"""The sheet is personal data."""

NOT_DECIDER = "只有被请求批准的工会的经办人、管理员或审核人可以批准，申请人自己不能批准。"
OWN = "这是您自己申请的导出，不能由您自己批准。请由同工会的另一位同事或上级工会批准。"
NOT_HIS = "只有申请导出的人可以下载，而且账号仍属于当时的工会。"
NOT_RECALLER = "只有申请人、批准方或上级工会的经办人、管理员、审核人可以收回导出。"


def ask(kind: str, what: Mapping[str, Any], *, purpose: str, by: User) -> Export:
    """Asks for a list: written by a job, at once or when a second person has approved.

    A second person is asked for full numbers of more rows than the superiors allow to one alone
    (``export_alone_rows``). Raises Refused: as the kind's plan, no purpose for full numbers, another one under way, or
    there is nobody who could approve.
    """
    purpose = " ".join(purpose.split())
    with transaction.atomic():
        refresh(by)
        plan = KINDS[kind].plan(what, by)
        if plan.full and not 2 <= len(purpose) <= MAX_REASON:
            raise Refused(f"请填写导出的用途，2 到 {MAX_REASON} 个字。", field="purpose")
        second = plan.full and plan.total > of_union("export_alone_rows", plan.union)
        export = _create(kind, what, plan, purpose=purpose, second=second, by=by)
        record(
            "export.asked", export, by=by, union=export.union, list=plan.title, purpose=purpose, full=plan.full,
            rows=plan.total, columns=list(plan.headings), second=second,
        )  # fmt: skip
        if second:
            _ask_deciders(export)
        else:
            _begin(export)
    return export


def _create(kind: str, what: Mapping[str, Any], plan: Plan, *, purpose: str, second: bool, by: User) -> Export:
    union, owner = by.union, uuid4()
    assert union is not None  # noqa: S101 (the plan refuses whoever has none)
    decides = deciding_union(union, but=by) if second else None
    if second and decides is None:
        raise Refused(
            f"这次有 {plan.total:,} 行完整号码，须由另一位同事批准，但本工会和上级工会都没有其他可以批准的账号。"
            "请先由管理员增加账号，或缩小范围；名单也可以改选遮盖号码。"
        )
    told = json.dumps({"what": dict(what), "conditions": list(plan.conditions)}, ensure_ascii=False)
    try:
        with transaction.atomic():
            return Export.objects.create(
                kind=kind, subject=KINDS[kind].subject(what), title=plan.title, union=union, by=by, purpose=purpose, full=plan.full,
                columns=list(plan.headings), total=plan.total, second=second, decides=decides,
                state=ExportState.PENDING if second else ExportState.BUILDING,
                seal_id=owner, what_sealed=sealing(Export, "what_sealed").seal(told, owner),
            )  # fmt: skip
    except IntegrityError as error:
        raise Refused(
            f"您的另一份“{KINDS[kind].label}”正在等待批准或正在生成。请在“名单导出”中等它完成，或先收回它，再重新导出。"
        ) from error


def _ask_deciders(export: Export) -> None:
    assert export.decides is not None  # noqa: S101 (a constraint of the table)
    notify(
        deciders(export.decides, but=export.by),
        f"{export.by}申请导出{export.title}，请您批准",
        body=f"{export.union.name}，{export.total:,} 行完整号码。用途：{export.purpose}",
        url=address(export),
        tasks=[task_of(export)],
        kind=TASK_KIND,
    )


def _begin(export: Export) -> None:
    from gonghui.exports.tasks import build_list

    kind = KINDS[export.kind]
    if isinstance(kind, OwnFiles):
        kind.begin(export)
        return
    defer(build_list, export_id=export.pk)


def address(export: Export) -> str:
    return reverse("exports:export", args=[export.pk])


def lock(export_id: int) -> Export:
    """The export, for an act or the job. Who has decided or called it back is read afterwards: of a row that one has
    waited for, what was joined to it is still the former.
    """
    return Export.objects.select_for_update(of=("self",)).select_related("union", "by").get(pk=export_id)


def plan_of(export: Export) -> Plan:
    """The list as whoever asked for it may have it now. Raises Refused as its kind's plan."""
    refresh(export.by)
    return KINDS[export.kind].plan(export.told["what"], export.by)


def decide(export: Export, *, approved: bool, opinion: str = "", rows: int | None = None, by: User) -> Export:
    """Approves or refuses; ``rows`` is how many the person saw.

    Raises Refused: it is one's own, ``by`` may not, it is decided or called back by now, a refusal without a reason, or on
    approval whoever asked may not have it any more, or it has other rows by now.
    """
    opinion = " ".join(opinion.split())
    with transaction.atomic():
        export = lock(export.pk)
        if by.pk == export.by_id:
            raise Refused(OWN)
        if export.state != ExportState.PENDING:
            raise Refused(_not_pending(export))
        require(can_decide, by, export, sentence=NOT_DECIDER)
        if len(opinion) > MAX_REASON or (not approved and len(opinion) < 2):
            raise Refused(f"请填写不批准的原因，2 到 {MAX_REASON} 个字。", field="opinion")
        if approved:
            _require_as_seen(export, rows)
        export.state = ExportState.BUILDING if approved else ExportState.REFUSED
        export.decided_by, export.decided_at, export.opinion = by, timezone.now(), opinion
        export.save()
        record(
            "export.approved" if approved else "export.refused", export, by=by, union=export.union, list=export.title,
            rows=export.total, opinion=opinion,
        )  # fmt: skip
        settle([task_of(export)])
        if approved:
            _begin(export)
        words = _approved(export) if approved else "不予批准"
        body = f"批准人：{by}。{opinion}" if approved else f"{by}：{opinion}"
        notify([export.by], f"导出{export.title}{words}", body=body, url=address(export))
    return export


def _approved(export: Export) -> str:
    return "已批准，可以下载" if export.state == ExportState.READY else "已批准，正在生成"


def may_grow_by(export: Export) -> int:
    """By how many rows a form may differ from what was approved: as many as leave alone. In a large union somebody joins
    every minute, and nobody may be left out; a list is as it was seen.
    """
    return of_union("export_alone_rows", export.union) if isinstance(KINDS[export.kind], OwnFiles) else 0


def _require_as_seen(export: Export, rows: int | None) -> None:
    try:
        plan = plan_of(export)
    except Refused as refusal:
        raise Refused(f"现在不能批准：{refusal.sentence}") from refusal
    if rows is None or abs(plan.total - rows) > may_grow_by(export):
        raise Refused(f"名单刚刚有变化，现在是 {plan.total:,} 行，没有批准。请核对以后再批准。")
    export.total = plan.total


def _not_pending(export: Export) -> str:
    if export.state == ExportState.RECALLED:
        return f"这份导出已由{export.recalled_by}收回，不用再批准。"
    decided = f"{localtime(export.decided_at):%Y-%m-%d %H:%M}" if export.decided_at else ""
    words = "不予批准" if export.state == ExportState.REFUSED else "批准"
    return f"这份导出已由{export.decided_by}于 {decided} {words}，没有重复办理。"


def fetch(export: Export, *, by: User) -> File:
    """Returns the sheet, and records who has it and whom it shows.

    Raises Refused: ``by`` did not ask for it or may not have it any more, or it is not there: called back, a day old, not
    written yet.
    """
    with transaction.atomic():
        export = lock(export.pk)
        require(can_fetch, by, export, sentence=NOT_HIS)
        KINDS[export.kind].require_right(export.told["what"], by)
        require_not_recalled(export)
        file = File.objects.filter(export=export).first()
        if file is None or export.state != ExportState.READY or is_over(export, timezone.now()):
            raise Refused(f"没有可以下载的文件：生成以后只保留 {HOURS_KEPT} 小时。需要的请重新导出。")
        export.fetched += 1
        export.save(update_fields=["fetched"])
        KINDS[export.kind].fetched(export, file.people, by)
        return file


def require_not_recalled(export: Export) -> None:
    """Raises Refused when it was called back."""
    if export.state == ExportState.RECALLED:
        raise Refused(f"这份导出已由{export.recalled_by}收回，不能再下载。")


def recall(export: Export, *, reason: str = "", by: User) -> Export:
    """Calls an export back: a request is closed, the job stops, the sheet is deleted. What has begun to load, ends.

    Raises Refused: ``by`` may not, it has ended already, or somebody else's without a reason.
    """
    reason = " ".join(reason.split())
    with transaction.atomic():
        export = lock(export.pk)
        require(can_recall, by, export, sentence=NOT_RECALLER)
        if export.state not in RECALLABLE:
            raise Refused(f"这份导出的状态是“{export.get_state_display()}”，不用再收回。")
        own = by.pk == export.by_id
        if len(reason) > MAX_REASON or (not own and len(reason) < 2):
            raise Refused(f"请填写收回的原因，2 到 {MAX_REASON} 个字，申请人会看到。", field="reason")
        File.objects.filter(export=export).delete()
        kind = KINDS[export.kind]
        if isinstance(kind, OwnFiles):
            kind.recalled(export)
        export.state, export.recalled_by, export.recalled_at = ExportState.RECALLED, by, timezone.now()
        export.recalled_for = reason
        export.save()
        record("export.recalled", export, by=by, union=export.union, list=export.title, reason=reason)
        settle([task_of(export)])
        if not own:
            body = f"{by}：{reason}。已经下载的文件请立即删除。"
            notify([export.by], f"导出的{export.title}已被收回", body=body, url=address(export))
    return export


def is_over(export: Export, now: datetime) -> bool:
    """Whether its hours are over, whether or not the job has been by."""
    return export.ended_at is not None and export.ended_at <= now - timedelta(hours=HOURS_KEPT)


def expire(now: datetime) -> None:
    """Deletes the sheets of a day ago."""
    old = Export.objects.filter(state=ExportState.READY, ended_at__lte=now - timedelta(hours=HOURS_KEPT))
    for pk in old.order_by("pk").values_list("pk", flat=True):
        with transaction.atomic():
            export = lock(pk)
            if export.state == ExportState.READY:
                File.objects.filter(export=export).delete()
                export.state = ExportState.EXPIRED
                export.save(update_fields=["state"])


def ask_others() -> None:
    """Asks the next union above where nobody is left who could approve: the account was disabled or handed over."""
    for pk in Export.objects.filter(state=ExportState.PENDING).order_by("pk").values_list("pk", flat=True):
        with transaction.atomic():
            export = lock(pk)
            if export.state != ExportState.PENDING or deciders(*_asked(export), but=export.by).exists():
                continue
            other = deciding_union(export.union, but=export.by)
            if other is not None and other.pk != export.decides_id:
                settle([task_of(export)])
                export.decides = other
                export.save(update_fields=["decides"])
                _ask_deciders(export)


def _asked(export: Export) -> list[Any]:
    return [export.decides] if export.decides else []
