"""The jobs of the cards."""

from datetime import timedelta

from django.utils import timezone
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from gonghui.cards import orders, results
from gonghui.cards.models import Order, ResultFile
from gonghui.cards.states import OrderState
from gonghui.kit.jobs import defer


@app.task(queue="imports", retry=RetryStrategy(max_attempts=5, exponential_wait=3))
def build_order(order_id: int) -> None:
    """Write an order's file."""
    orders.build(order_id)


@app.task(queue="imports", retry=RetryStrategy(max_attempts=5, exponential_wait=3))
def take_results(result_id: int) -> None:
    """Reconcile a result file."""
    results.take(result_id)


@app.periodic(cron="37 3 * * *")
@app.task(queue="upkeep", queueing_lock="drop_old_card_files")
def drop_old_files(timestamp: int) -> None:
    """Every night."""
    orders.drop_old_files(timezone.now() - timedelta(days=orders.DAYS_KEPT))


@app.periodic(cron="*/10 * * * *")
@app.task(queue="upkeep", queueing_lock="resume_card_desk")
def resume(timestamp: int) -> None:
    """What lost its job (its attempts are used up) gets another: an order does not stand 「正在生成文件」 for ever."""
    building = Order.objects.filter(state=OrderState.BUILDING).values_list("pk", flat=True)
    reading = ResultFile.objects.filter(state=ResultFile.State.READING).values_list("pk", flat=True)
    for task, name, ids in ((build_order, "order_id", list(building)), (take_results, "result_id", list(reading))):
        jobs = ProcrastinateJob.objects.filter(task_name=task.name, status__in=("todo", "doing"))
        working = {args[name] for args in jobs.values_list("args", flat=True)}
        for pk in set(ids) - working:
            defer(task, **{name: pk})
