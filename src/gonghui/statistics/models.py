"""What the front pages show of a month."""

from django.db import models
from django.db.models import Q

from gonghui.unions.models import Union


class MonthFigure(models.Model):
    """A street's or company's month: who joined and left its unions, and what there was when it was counted last.

    Each run of the job counts the present month again, so that the row of a past month holds its last count; the
    stocks are empty for months that had ended before the first run. Districts and the city are sums of these.
    """

    superior = models.ForeignKey(Union, on_delete=models.PROTECT, related_name="+", db_index=False)
    month = models.DateField("月份")  # its first day
    joined = models.PositiveIntegerField("加入", default=0)
    departed = models.PositiveIntegerField("离开", default=0)
    unions = models.PositiveIntegerField("基层工会", null=True)
    members = models.PositiveIntegerField("会员", null=True)
    retained = models.PositiveIntegerField("保留会籍", null=True)  # of the members
    cards = models.PositiveIntegerField("已办卡会员", null=True)
    counted_at = models.DateTimeField("统计时间")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["superior", "month"], name="month_figure_once"),
            models.CheckConstraint(condition=Q(month__day=1), name="month_figure_first_day"),
        ]
