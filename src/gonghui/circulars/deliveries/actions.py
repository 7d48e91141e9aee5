"""A circular on its way: to each union, to those that have not answered, and the news that it was recalled."""

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone

from gonghui.accounts.models import User
from gonghui.accounts.rules import require
from gonghui.audit import verbs
from gonghui.audit.actions import record
from gonghui.circulars.models import Circular, CircularState, Delivery, Occasion, Receipt
from gonghui.circulars.queries import TASK_KIND, addressed, running, task_of
from gonghui.circulars.rules import can_send
from gonghui.kit.errors import Refused
from gonghui.kit.jobs import defer
from gonghui.notices.actions import notify, settle

verbs.register(circular__reminded="催办工作通知", circular__resumed="继续发送工作通知")

BATCH = 500
"""Unions that one transaction reaches."""


def start(circular: Circular, occasion: Occasion, *, by: User, cursor: int = 0) -> Delivery:
    """Lets a job go through the unions, once this transaction has committed."""
    from gonghui.circulars.tasks import deliver

    delivery = Delivery.objects.create(circular=circular, occasion=occasion, started_by=by, cursor=cursor)
    defer(deliver, pk=delivery.pk)
    return delivery


def remind(circular: Circular, *, by: User) -> int:
    """「催办」 all unions that have not read it, or not confirmed where it wants that. Returns how many they are.

    Raises Refused when ``by`` may not, it is not sent, still on its way, or recalled, nobody is left, or it was done
    today.
    """
    with transaction.atomic():
        circular = lock(circular, by)
        require_sent(circular)
        left = Receipt.objects.filter(circular=circular, open=True).count()
        if not left:
            raise Refused("所有工会都已办理，没有需要催办的工会。")
        try:
            with transaction.atomic():
                start(circular, Occasion.REMINDER, by=by)
        except IntegrityError as error:
            raise Refused("今天已经催办过，同一条通知一天只催办一次。急需的，请电话联系。") from error
        record("circular.reminded", circular, by=by, union=circular.publisher, count=left)
    return left


def resume(circular: Circular, *, by: User) -> None:
    """「继续发送」 after an interruption, from where it stopped. Raises Refused when ``by`` may not, or nothing stopped."""
    with transaction.atomic():
        circular = lock(circular, by)
        stopped = interrupted(circular)
        if stopped is None:
            raise Refused("这条通知没有中断，不需要继续发送。请刷新页面查看。")
        start(circular, Occasion(stopped.occasion), by=by, cursor=stopped.cursor)
        record("circular.resumed", circular, by=by, union=circular.publisher)


def interrupted(circular: Circular) -> Delivery | None:
    """Returns the newest delivery to all unions, if it stopped on its way."""
    newest = circular.deliveries.exclude(occasion=Occasion.REMINDER).order_by("-pk").first()
    return newest if newest and newest.interrupted else None


def deliver_next(pk: int) -> bool:
    """Reaches the next BATCH unions, in one transaction; False once there are none. May be run any number of times."""
    with transaction.atomic():
        rows = Delivery.objects.select_for_update(of=("self",)).select_related("circular__publisher", "started_by")
        delivery = rows.get(pk=pk)
        if delivery.ended_at:
            return False
        ids = _next_unions(delivery)
        if ids:
            _reach(delivery, ids)
            delivery.cursor, delivery.reached = ids[-1], delivery.reached + len(ids)
        if len(ids) < BATCH:
            _end(delivery)
        delivery.save()
        return delivery.ended_at is None


def waiting() -> QuerySet[Delivery]:
    return Delivery.objects.filter(ended_at=None)


def give_up(pk: int) -> None:
    """Ends a delivery whose job is no more; who started it is told how to go on."""
    with transaction.atomic():
        rows = Delivery.objects.select_for_update(of=("self",)).select_related("circular", "started_by")
        delivery = rows.get(pk=pk)
        if delivery.ended_at:
            return
        delivery.ended_at, delivery.interrupted = timezone.now(), True
        delivery.save(update_fields=["ended_at", "interrupted"])
        again = "再点一次“催办”" if delivery.occasion == Occasion.REMINDER else "打开通知，点“继续发送”"
        body = f"{delivery.get_occasion_display()}中断：已通知 {delivery.reached} 家工会，其余的没有通知。请{again}，已通知的不会重复；如果一直如此，请联系技术支持。"
        title = f"《{delivery.circular}》的{delivery.get_occasion_display()}没有完成"
        notify([delivery.started_by], title, body=body, url=page_of(delivery.circular), mail=False)


def lock(circular: Circular, by: User) -> Circular:
    """Returns it, locked. Raises Refused when ``by`` may not."""
    rows = Circular.objects.select_for_update(of=("self",)).select_related("publisher", "sent_by", "saved_by")
    circular = rows.get(pk=circular.pk)
    sentence = "只有发送通知的工会的管理员可以办理。"
    require(can_send, by, circular.publisher, sentence=sentence)
    return circular


def require_sent(circular: Circular) -> None:
    """Raises Refused for a draft, a recalled one, and one that is on its way or stopped on it."""
    if circular.state == CircularState.RECALLED:
        raise Refused("这条通知已经收回，不必重复操作。")
    if circular.state != CircularState.SENT:
        raise Refused("这条通知还没有发送。")
    if running(circular):
        raise Refused("这条通知还在发送途中，请等它发完再操作。")
    if interrupted(circular):
        raise Refused("这条通知的发送中断了，请先点“继续发送”。")


def page_of(circular: Circular) -> str:
    return reverse("circulars:circular", args=[circular.pk])


def _next_unions(delivery: Delivery) -> list[int]:
    circular = delivery.circular
    if delivery.occasion == Occasion.SENT:
        branches = list(circular.branches.values_list("pk", flat=True))
        later = addressed(circular.publisher, circular.depth, branches).filter(pk__gt=delivery.cursor)
        return list(later.order_by("pk").values_list("pk", flat=True)[:BATCH])
    receipts = Receipt.objects.filter(circular=circular, union__gt=delivery.cursor)
    if delivery.occasion == Occasion.REMINDER:
        receipts = receipts.filter(open=True)
    return list(receipts.order_by("union").values_list("union", flat=True)[:BATCH])


def _reach(delivery: Delivery, ids: list[int]) -> None:
    """Gives the circular to these unions, reminds them, or lets their notices of it rest."""
    circular = delivery.circular
    if delivery.occasion == Occasion.RECALLED:
        Receipt.objects.filter(circular=circular, union__in=ids).update(open=False)
        settle([task_of(circular, union) for union in ids])
        return
    if delivery.occasion == Occasion.SENT:
        Receipt.objects.bulk_create(
            [Receipt(circular=circular, union_id=union) for union in ids], ignore_conflicts=True
        )
    due = f"，请在 {circular.due_on:%Y-%m-%d} 前签收" if circular.due_on else "，需要签收" if circular.confirm else ""
    title = f"{circular.publisher}发来通知《{circular}》{due}"
    if delivery.occasion == Occasion.REMINDER:
        title = f"{circular.publisher}提醒：通知《{circular}》{'还没有签收' if circular.confirm else '还没有阅读'}"
    users = User.objects.filter(union__in=ids, is_active=True).order_by("pk")
    notify(
        users,
        title,
        url=page_of(circular),
        sent_by=delivery.started_by,
        tasks=lambda user: [task_of(circular, user.union_id)],
        kind=TASK_KIND,
    )


def _end(delivery: Delivery) -> None:
    delivery.ended_at = timezone.now()
    if delivery.occasion == Occasion.SENT:
        Circular.objects.filter(pk=delivery.circular.pk).update(
            total=Receipt.objects.filter(circular=delivery.circular).count()
        )
