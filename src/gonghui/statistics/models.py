"""The monthly figures that the front pages show."""

from django.db import models
from django.db.models import Q

from gonghui.unions.models import Union


class MonthFigure(models.Model):
    """One month of a street or company union: joined and departed members, and the stocks at the last count.

    Each run of the job counts the present month again, so that the row of a past month holds its last count; the
    stocks are empty for months that ended before the first run. Figures of districts and the city are sums of these.
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
