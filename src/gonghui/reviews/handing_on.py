"""When a superior union closes: what waits for it goes to its successor (``superiors.hooks``)."""

from collections.abc import Collection, Iterator

from django.contrib.postgres.fields import ArrayField
from django.db.models import F, Func, JSONField, Q, TextField, Value
from django.db.models.functions import Cast
from django.urls import reverse

from gonghui.reviews.models import Review, Step
from gonghui.reviews.notifications import notify_deciders
from gonghui.unions.models import Union


def waiting_below(union: Union) -> int:
    """How many steps wait for the union and the superiors below it."""
    waiting = Step.objects.filter(open=True)
    if union.level > 1:
        waiting = waiting.filter(Q(superior=union) | Q(superior__superior=union))
    return waiting.count()


def waiting_without_successor(union: Union, successor: Union | None) -> Iterator[str]:
    """Requests that wait for a union which nobody takes over."""
    count = 0 if successor else Step.objects.filter(superior=union, open=True).count()
    if count:
        yield f"有 {count} 项申请等待它审核，请选择接收的工会，或先审核完"


def take_over_steps(union: Union, successor: Union, unions: Collection[int] | None) -> None:
    """The pending steps go to the successor; a request that names the union as the superior names the successor from now
    on, so that its approval does not lead back. What was decided stays with who decided it.
    """
    waiting = Step.objects.filter(superior=union, open=True)
    if unions is not None:
        waiting = waiting.filter(review__union__in=unions)
    ids = list(waiting.values_list("review", flat=True))
    if not ids:
        return
    for column in ("proposed", "base"):
        path = Cast(Value("{superior}"), ArrayField(TextField()))
        named = Func(F(column), path, Value(successor.pk, JSONField()), function="jsonb_set", output_field=JSONField())
        Review.objects.filter(**{"pk__in": ids, f"{column}__superior": union.pk}).update(**{column: named})
    waiting.update(superior=successor, bulk=None)
    if unions is None:
        title = f"{union.name}已撤销，它最后的 {len(ids)} 项待审核申请转由本工会审核"
        notify_deciders([successor.pk], title, url=reverse("reviews:desk"), mail=False)
