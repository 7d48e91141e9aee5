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


class Basis(models.TextChoices):
    """By which knowledge a day is counted: what was known when it was closed, or what is known now."""

    THEN = "then", "当时口径"
    CORRECTED = "corrected", "更正后"


class Closing(models.Model):
    """A day whose figures have been counted for the whole tree (ADR 58); the end of a month is kept for ever.

    One of ``Basis.THEN`` is never counted again: what is corrected later appears in the next one, as 「调整」. One of
    ``Basis.CORRECTED`` is replaced by each new count of its day. ``digest`` is that of its figures.
    """

    day = models.DateField("截至")
    opening_day = models.DateField("期初")  # the end of the day: the figures are of the days after it
    basis = models.TextField("口径", choices=Basis.choices, default=Basis.THEN)
    counted_at = models.DateTimeField("结账时间")
    digest = models.BinaryField()
    # Of the statistical register, as it was when the day was closed (ADR 61); none where it had changed since the day.
    organised_from = models.PositiveIntegerField("应建会单位的职工人数", null=True)
    employers_digest = models.BinaryField(null=True)
    # Of how many unions had done what was due (`duties`); none where the day was long ago when it was closed.
    duties_digest = models.BinaryField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["day", "basis"], name="closing_once"),
            models.CheckConstraint(condition=Q(basis__in=Basis.values), name="closing_basis_known"),
            models.CheckConstraint(condition=Q(opening_day__lt=models.F("day")), name="closing_after_its_opening"),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.get_basis_display()}"


FLOWS = ("opening", "joined", "moved_in", "departed", "moved_out", "reclassified", "corrected", "closing_members")
PARTS = ("women", "migrants", "new_employment", "retained", "cards", "unions", "staff")
COUNTS = (*FLOWS, *PARTS)
"""Every number of a figure: of a node, it is the sum of those below it."""


class Figure(models.Model):
    """The numbers of one node, of one value of one dimension ("" for all), at a closing.

    ``superior`` is what the node stood under: of one that moved there is a row for each. A grassroots union has the
    row of all alone. ``closing_members`` and what follows it are those at the end of the day.
    """

    closing = models.ForeignKey(Closing, on_delete=models.CASCADE, related_name="figures", db_index=False)
    node = models.ForeignKey(Union, on_delete=models.PROTECT, related_name="+", db_index=False)
    superior = models.ForeignKey(Union, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    dimension = models.TextField(default="", blank=True)
    value = models.TextField(default="", blank=True)
    opening = models.PositiveIntegerField("期初")
    joined = models.PositiveIntegerField("新增")
    moved_in = models.PositiveIntegerField("转入")
    departed = models.PositiveIntegerField("退出")
    moved_out = models.PositiveIntegerField("转出")
    reclassified = models.IntegerField("资料变动")  # from one value of the dimension to another: none without one
    corrected = models.IntegerField("调整")  # what the opening lacked or had too many, as is known now
    closing_members = models.PositiveIntegerField("期末")
    women = models.PositiveIntegerField("女会员")
    migrants = models.PositiveIntegerField("农民工")
    new_employment = models.PositiveIntegerField("新就业形态")
    retained = models.PositiveIntegerField("保留会籍")
    cards = models.PositiveIntegerField("已办卡会员")
    unions = models.PositiveIntegerField("基层工会")
    staff = models.PositiveIntegerField("职工")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["closing", "node", "dimension", "value", "superior"],
                name="figure_once",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                condition=Q(dimension="reason")
                | Q(
                    closing_members=models.F("opening")
                    + models.F("joined")
                    + models.F("moved_in")
                    - models.F("departed")
                    - models.F("moved_out")
                    + models.F("reclassified")
                    + models.F("corrected")
                ),
                name="figure_adds_up",
            ),
            models.CheckConstraint(condition=Q(reclassified=0) | ~Q(dimension=""), name="figure_all_are_not_changed"),
        ]
        indexes = [
            # Does not begin with the closing: of one that is new, PostgreSQL expects a single row by either index, and took
            # this one for a node's own, through all nodes.
            models.Index(
                fields=["superior", "closing", "closing_members", "id"], condition=Q(dimension=""), name="figure_under"
            )
        ]

    def __str__(self) -> str:
        return f"{self.node_id} {self.dimension}={self.value}: {self.closing_members}"


class EmployerCount(models.Model):
    """The statistical register's employers of one street or company at a closing, those of ``Closing.organised_from``
    staff or more, of one value of a dimension ("" for all); without a street, of places that are not known. What is
    above is the sum of these.
    """

    closing = models.ForeignKey(Closing, on_delete=models.CASCADE, related_name="employers", db_index=False)
    street = models.ForeignKey(Union, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    superior = models.ForeignKey(Union, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    dimension = models.TextField(default="", blank=True)
    value = models.TextField(default="", blank=True)
    known = models.PositiveIntegerField("应建会单位")
    organised = models.PositiveIntegerField("已建会单位")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["closing", "dimension", "value", "street"], name="employer_count_once", nulls_distinct=False
            ),
            models.CheckConstraint(
                condition=Q(organised__lte=models.F("known")), name="employer_count_organised_are_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.street_id}: {self.organised}/{self.known}"


class DutyCount(models.Model):
    """How many unions of one street or company a duty is of at a closing, and how many have done it, or are late. What is
    above is the sum of these.
    """

    closing = models.ForeignKey(Closing, on_delete=models.CASCADE, related_name="duties", db_index=False)
    street = models.ForeignKey(Union, on_delete=models.PROTECT, related_name="+", db_index=False)
    superior = models.ForeignKey(Union, on_delete=models.PROTECT, related_name="+", db_index=False)
    duty = models.TextField()
    of = models.PositiveIntegerField("工会")
    counted = models.PositiveIntegerField("其中")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["closing", "duty", "street"], name="duty_count_once"),
            models.CheckConstraint(condition=Q(counted__lte=models.F("of")), name="duty_count_is_of_these"),
        ]

    def __str__(self) -> str:
        return f"{self.street_id} {self.duty}: {self.counted}/{self.of}"
