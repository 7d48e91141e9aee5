"""Parsing of the forms of a programme: what it is, its times, money and rules; venues, packages; publishing."""

from collections.abc import Iterator
from decimal import Decimal
from functools import partial
from typing import Any

from django import forms
from django.utils.timezone import localtime

from gonghui.bookings.codes import Allocation, FundSource, Kind, LargeGroups, NoShow, Tier, WhenMoving
from gonghui.bookings.models import EligibilityRule, Fund, Package, Programme, Provider, Venue
from gonghui.bookings.phases import SHOWN, in_phase
from gonghui.bookings.programmes.actions import FIXED
from gonghui.bookings.programmes.rule_fields import RULES, rule_fields
from gonghui.bookings.states import ProgrammeState
from gonghui.codelists.queries import offered
from gonghui.kit.forms import ListFilter
from gonghui.members.codes import Sex

TIME = "%Y-%m-%dT%H:%M"
TIME_WRONG = "请填写日期和时间，例如 2027-03-08 10:00。"
MONEY_WRONG = "请填写金额，最多两位小数，例如 800 或 99.50。"


class _Minute(forms.DateTimeField):
    """A time to the minute: who leaves it alone has not changed the seconds that it does not show."""

    def has_changed(self, initial: Any, data: Any) -> bool:
        shown = f"{localtime(initial):{TIME}}" if initial else ""
        return super().has_changed(initial, data) and shown != (data or "")


def time_field(label: str, **more: Any) -> forms.DateTimeField:
    """A time of a day, by the browser's own field."""
    return _Minute(
        label=label,
        widget=forms.DateTimeInput(format=TIME, attrs={"type": "datetime-local"}),
        error_messages={"invalid": TIME_WRONG},
        **more,
    )


def money_field(label: str, **more: Any) -> forms.DecimalField:
    return forms.DecimalField(
        label=label,
        required=False,
        min_value=Decimal(0),
        max_digits=10,
        decimal_places=2,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
        error_messages={
            "invalid": MONEY_WRONG,
            "max_decimal_places": MONEY_WRONG,
            "max_digits": "金额太大了，请核对。",
        },
        **more,
    )


def number_field(label: str, least: int, most: int, **more: Any) -> forms.IntegerField:
    return forms.IntegerField(
        label=label,
        min_value=least,
        max_value=most,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        **more,
    )


def text_field(label: str, most: int, *, lines: int = 1, **more: Any) -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": lines}) if lines > 1 else forms.TextInput()
    return forms.CharField(label=label, max_length=most, widget=widget, **more)


def radio(label: str, choices: Any, **more: Any) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, choices=choices, widget=forms.RadioSelect, **more)


class ProgrammeFilter(ListFilter):
    """The kind and the phase of the programmes in a list."""

    kind = forms.ChoiceField(label="类型", required=False, choices=[("", "全部"), *Kind.choices])
    phase = forms.ChoiceField(
        label="进度", required=False, choices=[("", "全部"), *((phase.value, phase.label) for phase in SHOWN)]
    )

    def narrowed(self, rows: Any, values: Any) -> Any:
        rows = rows.filter(kind=values["kind"]) if values["kind"] else rows
        return rows.filter(in_phase(values["phase"])) if values["phase"] else rows


GROUPS: tuple[tuple[str, tuple[tuple[str, ...], ...]], ...] = (
    ("基本情况", (("kind",), ("title",), ("text",), ("contact",))),
    ("报名时间", (("allocation",), ("opens_at", "collects_until"), ("deadline", "offer_hours"))),
    ("经费（每人，元）", (tuple(f"fund_{source}" for source in FundSource.values), ("self_check_price",))),
    ("家属", (("guests_max", "guest_price"),)),
    ("抽签的优先次序", (("tiers",), ("tier_years",))),
    ("候补、转出和未到", (("large_groups",), ("when_moving",), ("no_show",), ("no_show_years",))),
)
"""Headings, lines, and the fields of each line."""


class ProgrammeForm(forms.Form):
    """A programme with its funds and its rules. Each rule is a box to tick, with its parameters."""

    kind = radio("类型", Kind.choices, initial=Kind.RECUPERATION)
    title = text_field("名称", 60, help_text="例如：莫干山疗休养 5 日。")
    text = text_field("说明", 2000, lines=5, required=False, help_text="行程或项目、费用包含什么、注意事项。")
    contact = text_field("咨询方式", 100, required=False, help_text="联系人和电话，例如：张老师 021-00000000。")
    allocation = radio("名额分配", Allocation.choices, initial=Allocation.FIRST_COME)
    opens_at = time_field("报名开始时间", required=False, help_text="以服务器时间为准，到点开放。")
    collects_until = time_field("报名收集截止时间", required=False, help_text="只有抽签的项目填写，之后封存名单抽签。")
    deadline = time_field("截止时间", required=False, help_text="之前可以报名、免费退出，空出的名额由候补递补。")
    offer_hours = number_field("候补确认时限（小时）", 1, 720, initial=24)
    self_check_price = money_field("外院自检报销上限（元）", help_text="只有体检填写；不填的，不接受外院自检。")
    guests_max = number_field("每名会员可带家属人数", 0, 9, initial=0)
    guest_price = money_field("家属费用（元）", help_text="可以带家属的填写，由个人自费。")
    tiers = forms.MultipleChoiceField(
        label="优先的会员",
        choices=Tier.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="按所列次序分档，同一档内抽签。先到先得的项目不用选。",
    )
    tier_years = number_field("满几年未参加的优先", 1, 30, required=False)
    large_groups = radio("团体候补", LargeGroups.choices, initial=LargeGroups.HELD)
    when_moving = radio("会员转出时", WhenMoving.choices, initial=WhenMoving.FOLLOW)
    no_show = radio("未到的处理", NoShow.choices, initial=NoShow.NONE)
    no_show_years = number_field("不得报名的年数", 1, 20, required=False)

    def __init__(self, data: Any = None, *, programme: Programme | None = None) -> None:
        super().__init__(data, initial=initial_of(programme) if programme else None)
        for source in FundSource:
            self.fields[f"fund_{source}"] = money_field(source.label)
        for name, field in rule_fields():
            self.fields[name] = field
        self.is_draft = programme is None or programme.state == ProgrammeState.DRAFT
        for name in () if self.is_draft else (*FIXED, "tier_years"):
            self.fields[name].disabled = True

    @property
    def groups(self) -> Iterator[tuple[str, list[list[forms.BoundField]]]]:
        """The fields under their headings, by lines."""
        for heading, lines in GROUPS:
            yield heading, [[self[name] for name in line] for line in lines]

    @property
    def rules(self) -> Iterator[tuple[forms.BoundField, list[forms.BoundField]]]:
        """Each rule's box with the fields of its parameters."""
        for kind, rule in RULES.items():
            yield self[f"rule_{kind}"], [self[name] for name in rule.names]

    def clean(self) -> dict[str, Any]:
        values = self.cleaned_data
        self._times(values)
        if not self.is_draft:
            values |= {f"rule_{kind}": False for kind in RULES}
        if values.get("guests_max") and values.get("guest_price") is None and "guest_price" not in self.errors:
            self.add_error("guest_price", "可以带家属的，请填写家属费用；不收费的填 0。")
        if values.get("no_show") == NoShow.BARRED and not values.get("no_show_years"):
            self.add_error("no_show_years", "请填写未到的会员几年内不得再报名。")
        if Tier.YEARS_SINCE in values.get("tiers", ()) and not values.get("tier_years"):
            self.add_error("tier_years", "请填写满几年未参加的优先。")
        for kind, rule in RULES.items():
            wanted = values.get(f"rule_{kind}") and not self.errors.keys() & set(rule.names)
            if wanted and (problem := rule.problem(values)):
                self.add_error(*problem)
        return values

    def _times(self, values: dict[str, Any]) -> None:
        opens, collects, deadline = (values.get(name) for name in ("opens_at", "collects_until", "deadline"))
        if opens and deadline and deadline <= opens:
            self.add_error("deadline", "截止时间要晚于报名开始时间，请修改其中一个。")
        if values.get("allocation") != Allocation.DRAW:
            values["collects_until"] = None
            return
        if not collects and "collects_until" not in self.errors:
            if opens or deadline:
                self.add_error("collects_until", "抽签的项目，请填写报名收集到什么时候。")
        elif collects and ((opens and collects <= opens) or (deadline and collects > deadline)):
            self.add_error("collects_until", "收集截止时间要晚于报名开始时间，不能晚于截止时间。")

    @property
    def columns(self) -> dict[str, Any]:
        """The values of the programme's own columns."""
        values = self.cleaned_data
        kept = {name: self.initial.get(name) for name in COLUMNS if name in TIMES and name not in self.changed_data}
        own = {name: values[name] for name in COLUMNS} | kept  # the seconds, which the field does not show
        own["price"] = sum(self.funds.values(), Decimal(0))
        if own["no_show"] != NoShow.BARRED:
            own["no_show_years"] = None
        if own["kind"] != Kind.CHECKUP:
            own["self_check_price"] = None
        if not own["guests_max"]:
            own["guest_price"] = None
        own["tiers"] = [
            {"kind": tier, **({"years": values["tier_years"]} if tier == Tier.YEARS_SINCE else {})}
            for tier in (values["tiers"] if own["allocation"] == Allocation.DRAW else ())
        ]
        return own

    @property
    def funds(self) -> dict[str, Decimal]:
        amounts = {source: self.cleaned_data.get(f"fund_{source}") for source in FundSource.values}
        return {source: amount for source, amount in amounts.items() if amount}

    @property
    def chosen_rules(self) -> list[tuple[str, dict[str, Any]]]:
        values = self.cleaned_data
        return [(kind, rule.parameters(values)) for kind, rule in RULES.items() if values[f"rule_{kind}"]]


TIMES = ("opens_at", "collects_until", "deadline")
COLUMNS = (
    "kind", "title", "text", "contact", "allocation", "opens_at", "collects_until", "deadline", "offer_hours",
    "self_check_price", "guests_max", "guest_price", "large_groups", "when_moving", "no_show", "no_show_years",
)  # fmt: skip


def initial_of(programme: Programme) -> dict[str, Any]:
    """The values of a form for this programme."""
    initial: dict[str, Any] = {name: getattr(programme, name) for name in COLUMNS}
    initial["tiers"] = [tier["kind"] for tier in programme.tiers]
    initial["tier_years"] = next((tier["years"] for tier in programme.tiers if "years" in tier), None)
    for fund in Fund.objects.filter(programme=programme):
        initial[f"fund_{fund.source}"] = fund.amount
    for rule in EligibilityRule.objects.filter(programme=programme):
        initial[f"rule_{rule.kind}"] = True
        initial |= RULES[rule.kind].initial(rule.parameters)
    return initial


class VenueForm(forms.Form):
    """A route of a journey, or the place of a health check."""

    name = text_field("名称", 60, help_text="例如：莫干山镇线；或：市工人疗养院体检中心。")
    address = text_field("地址", 100, required=False, help_text="例如：浙江省德清县莫干山镇。")
    text = text_field("介绍", 2000, lines=4, required=False)
    provider = forms.ModelChoiceField(
        Provider.objects.none(),
        label="体检机构",
        required=False,
        empty_label="没有",
        help_text="选定后，这家机构的账号可以查看这里的当天名单，并登记已检、未检。",
    )

    def __init__(self, data: Any = None, *, programme: Programme, venue: Venue | None = None) -> None:
        names = ("name", "address", "text", "provider")
        super().__init__(data, initial={name: getattr(venue, name) for name in names} if venue else None)
        field: Any = self.fields["provider"]
        field.queryset = Provider.objects.filter(created_by__union=programme.publisher_id).order_by("name")


MARRIED = {"": None, "yes": True, "no": False}


class PackageForm(forms.Form):
    """What is examined, for whom."""

    name = text_field("套餐名称", 60)
    text = text_field("项目", 2000, lines=4, required=False)
    sexes = forms.MultipleChoiceField(
        label="性别",
        choices=partial(offered, Sex),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="不选的，不限。",
    )
    age_from = number_field("年龄从", 0, 120, required=False)
    age_to = number_field("年龄到", 0, 120, required=False)
    married = radio(
        "婚姻",
        [("", "不限，也不询问"), ("yes", "仅限已婚"), ("no", "仅限未婚")],
        required=False,
        help_text="有的妇科项目要问；只在预约时询问，检查后 30 天删除，不写入会员档案。",
    )

    def __init__(self, data: Any = None, *, package: Package | None = None) -> None:
        initial = {}
        if package:
            names = ("name", "text", "sexes", "age_from", "age_to")
            married = next(key for key, value in MARRIED.items() if value == package.married)
            initial = {name: getattr(package, name) for name in names} | {"married": married}
        super().__init__(data, initial=initial)

    def clean(self) -> dict[str, Any]:
        values = self.cleaned_data
        first, last = values.get("age_from"), values.get("age_to")
        if first is not None and last is not None and last < first:
            self.add_error("age_to", "“年龄到”不能小于“年龄从”。")
        values["married"] = MARRIED[values.get("married", "")]
        return values


class PublishForm(forms.Form):
    """Now, or at a time."""

    when = radio("什么时候发布", [("now", "立即发布"), ("later", "到时自动发布")], initial="now")
    at = time_field("发布时间", required=False, help_text="到时自动显示给范围内的工会；不能晚于报名开始时间。")

    def clean(self) -> dict[str, Any]:
        values = self.cleaned_data
        if values.get("when") == "later" and not values.get("at") and "at" not in self.errors:
            self.add_error("at", "请填写什么时候发布，或选择立即发布。")
        return values

    @property
    def time(self) -> Any:
        return self.cleaned_data["at"] if self.cleaned_data["when"] == "later" else None


class ReasonForm(forms.Form):
    """The reason of a cancellation, which everybody booked is told."""

    reason = text_field("原因", 200, lines=3)

    def __init__(self, data: Any = None, *, help_text: str = "") -> None:
        super().__init__(data)
        self.fields["reason"].help_text = help_text
