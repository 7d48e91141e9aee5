"""The values of the code lists, as the city has them."""

from datetime import date

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.timezone import localdate

from gonghui.audit.models import history

MAX_LABEL = 40
MAX_NATIONAL = 20


class CodeState(models.TextChoices):
    """By the day, not stored."""

    PLANNED = "planned", "未启用"
    OPEN = "open", "在用"
    ENDED = "ended", "已停用"


def state_on(day: date, valid_from: date | None, valid_until: date | None) -> CodeState:
    """What a value is on a day: it may be chosen from ``valid_from`` on (None: always), before ``valid_until`` (None: for
    ever).
    """
    if valid_until and valid_until <= day:
        return CodeState.ENDED
    return CodeState.PLANNED if valid_from and day < valid_from else CodeState.OPEN


@history()
class Code(models.Model):
    """One value of one list. Rows of other tables hold ``value``, which never changes; nothing is ever deleted."""

    code_list = models.TextField("代码表", editable=False)  # a key of `hooks.LISTS`
    value = models.TextField("值", editable=False)
    label = models.TextField("名称")
    former_labels = ArrayField(models.TextField(), verbose_name="曾用名称", default=list)
    national_code = models.TextField("国家代码", blank=True, default="")  # empty: the standard has none
    position = models.PositiveSmallIntegerField("位置")
    valid_from = models.DateField("启用日期", null=True)
    valid_until = models.DateField("停用日期", null=True)
    successor = models.ForeignKey(
        "self", verbose_name="替代的值", null=True, on_delete=models.PROTECT, related_name="+"
    )
    version = models.PositiveIntegerField(default=1)  # counts the changes, so that a page knows it is stale

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["code_list", "value"], name="code_value_once"),
            models.UniqueConstraint(fields=["code_list", "label"], name="code_label_once"),
            models.CheckConstraint(condition=Q(label__regex=rf"^.{{1,{MAX_LABEL}}}$"), name="code_label_length"),
            models.CheckConstraint(condition=Q(valid_until__gte=F("valid_from")), name="code_days_in_order"),
            models.CheckConstraint(
                condition=Q(successor=None) | (Q(valid_until__isnull=False) & ~Q(successor=F("id"))),
                name="code_successor_of_retired",
            ),
        ]
        triggers = [pgtrigger.Protect(name="code_never_deleted", operation=pgtrigger.Delete)]

    def __str__(self) -> str:
        return self.label

    @property
    def state(self) -> CodeState:
        """Today's."""
        return state_on(localdate(), self.valid_from, self.valid_until)
