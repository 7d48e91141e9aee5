"""The policy of a superior union for itself and all unions below it."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from gonghui.accounts.models import User
from gonghui.audit.models import history
from gonghui.policies.fields import FIELDS
from gonghui.unions.models import Union


@history()
class Policy(models.Model):
    """The values that one union has set. An empty column means the superior's value (``policies.queries``)."""

    union = models.OneToOneField(Union, verbose_name="工会", on_delete=models.PROTECT, related_name="policy")
    transfer_days = models.PositiveSmallIntegerField("会员转移审核期限", null=True)
    set_by = models.ForeignKey(User, verbose_name="设定人", on_delete=models.PROTECT, related_name="+")
    set_at = models.DateTimeField("设定时间", db_default=Now())

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q((name, None)) | Q((f"{name}__range", (1, field.maximum))), name=f"policy_{name}"
            )
            for name, field in FIELDS.items()
        ]

    def __str__(self) -> str:
        return f"{self.union}的期限设定"
