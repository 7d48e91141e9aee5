"""What a union's officers and the card desk are asked to do by the bell, and when it is done (SPEC 4.4, 7.1)."""

from collections.abc import Sequence

from django.db import connection
from django.db.models import QuerySet
from django.urls import reverse

from gonghui.cards.models import Application, Line, Order, ResultFile
from gonghui.cards.states import MAKING, ApplicationState, LineState
from gonghui.kit.choices import Some
from gonghui.notices.actions import notify, notify_officers, settle
from gonghui.notices.hooks import TaskKind

ORDER = "cards.order"

_WORDS = Some(
    {
        ApplicationState.MADE: "会员服务卡待登记发放",
        ApplicationState.FAILED: "会员服务卡制卡失败待处理",
    },
    others="In these states nobody of the union has to act.",
)
"""What asks officers for something: to hand the card out; to correct the member's data, or to give up."""

_DONE = f"""
SELECT batch.id, asked.state FROM unnest(%(ids)s::bigint[]) AS batch (id), unnest(%(states)s::text[]) AS asked (state)
WHERE NOT EXISTS (
    SELECT FROM {Application._meta.db_table} AS application
    WHERE application.batch_id = batch.id AND application.state = asked.state)
"""  # noqa: S608 (the name of our own table)


def task_kinds() -> list[TaskKind]:
    """For ``notices.hooks.task_kinds``."""
    url = reverse("cards:list")
    asking = [TaskKind(_kind(state), label, f"{url}?state={state}") for state, label in _WORDS.items()]
    return [*asking, TaskKind(ORDER, "制卡文件待导出", reverse("cards:desk"))]


def _kind(state: str) -> str:
    return f"cards.{state}"


def _task(batch_id: int, state: str) -> str:
    return f"cards.{state}:{batch_id}"


def _order_task(order: Order) -> str:
    return f"{ORDER}:{order.pk}"


def settle_batches(batches: Sequence[int]) -> None:
    """Of these batches: what no application asks for any more."""
    with connection.cursor() as cursor:
        cursor.execute(_DONE, {"ids": list(batches), "states": [str(state) for state, _ in _WORDS.items()]})
        done = cursor.fetchall()
    settle([_task(batch, state) for batch, state in done])


def settle_order(order: Order) -> None:
    """Its file was exported, or will not be."""
    settle([_order_task(order)])


def notify_built(order: Order) -> None:
    """Who gathered the order is to export its file; by the bell."""
    left_out = order.count - order.sent
    text = f"文件 {order.sent} 行" + (f"，{left_out} 人因资料不符没有写入" if left_out else "")
    tasks, kind = ([_order_task(order)], ORDER) if order.sent else ([], "")
    url = reverse("cards:order", args=[order.pk])
    title = f"制卡订单 {order.number} 的文件已生成"
    notify([order.created_by], title, body=f"{text}。", url=url, mail=False, tasks=tasks, kind=kind)


def notify_results(order: Order, result: ResultFile) -> None:
    """The officers of the unions whose members the file is about, and by the bell who read it in."""
    lines = Line.objects.filter(order=order, result=result)
    done, failed = lines.filter(state=LineState.DONE), lines.filter(state=LineState.FAILED)
    if order.purpose in MAKING:
        _ask(done, ApplicationState.MADE, "会员服务卡已制成，请领取并登记发放")
    else:
        unions = done.values("application__batch__union")
        notify_officers(unions, f"会员服务卡{order.label}已办结", url=reverse("cards:list"))
    _ask(failed, ApplicationState.FAILED, f"会员服务卡{order.label}没有办成，请在批次中查看原因")
    summary = f"成功 {result.made} 人，失败 {result.failed} 人"
    url = reverse("cards:order", args=[order.pk])
    notify([result.read_by], f"订单 {order.number} 的结果已读入", body=f"{summary}。", url=url, mail=False)


def _ask(lines: QuerySet[Line], state: str, title: str) -> None:
    """The officers of each union, for its batches."""
    tasks: dict[int | None, list[str]] = {}
    batches = lines.values_list("application__batch__union", "application__batch").distinct()
    for union, batch in batches.order_by("application__batch"):
        tasks.setdefault(union, []).append(_task(batch, state))
    url = f"{reverse('cards:list')}?state={state}"
    notify_officers(tasks, title, url=url, tasks=lambda officer: tasks[officer.union_id], kind=_kind(state))
