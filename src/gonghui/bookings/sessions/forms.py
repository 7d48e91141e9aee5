"""Parsing of the forms of sessions and of the shares of their places."""

from typing import Any

from django import forms

from gonghui.bookings.codes import Category
from gonghui.bookings.models import Programme, Session, Share
from gonghui.bookings.programmes.forms import number_field, text_field, time_field
from gonghui.bookings.sessions.actions import MAX_PLACES
from gonghui.kit.forms import date_input
from gonghui.unions.levels import UnionKind
from gonghui.unions.models import Union


def _clock(label: str, **more: Any) -> forms.TimeField:
    return forms.TimeField(
        label=label,
        required=False,
        widget=forms.TimeInput(format="%H:%M", attrs={"type": "time"}),
        error_messages={"invalid": "请填写时间，例如 08:30。"},
        **more,
    )


class DatesForm(forms.Form):
    """When a session is: from one day to another, or a slot of one day."""

    begins_on = forms.DateField(label="开始日期", widget=date_input())
    ends_on = forms.DateField(label="结束日期", widget=date_input(), help_text="一天的，与开始日期相同。")
    from_time = _clock("开始时间", help_text="体检按时段的填写，例如 08:00 至 08:30；其他的不填。")
    to_time = _clock("结束时间")

    def clean(self) -> dict[str, Any]:
        values = self.cleaned_data
        first, last = values.get("begins_on"), values.get("ends_on")
        begins, ends = values.get("from_time"), values.get("to_time")
        if first and last and last < first:
            self.add_error("ends_on", "结束日期不能早于开始日期，请修改其中一个。")
        if (begins is None) != (ends is None) and not {"from_time", "to_time"} & set(self.errors):
            self.add_error("to_time", "时段的开始时间和结束时间要一起填写，或都不填。")
        elif begins and ends:
            if ends <= begins:
                self.add_error("to_time", "结束时间要晚于开始时间。")
            if first and last and first != last:
                self.add_error("ends_on", "按时段的班次在同一天，结束日期要与开始日期相同。")
        return values


class SessionForm(DatesForm):
    """A new session with its places."""

    capacity = number_field("名额", 1, MAX_PLACES, help_text="先都在公共名额中，之后可以划分给区、产业局、街镇或类别。")


class CapacityForm(forms.Form):
    """More or fewer places."""

    capacity = number_field("名额", 1, MAX_PLACES)
    reason = text_field("原因", 200, help_text="例如：承办方增加一辆大巴。记入调整记录。")

    def __init__(self, data: Any = None, *, session: Session) -> None:
        super().__init__(data, initial={"capacity": session.capacity})
        self.fields["capacity"].help_text = f"已占 {session.taken} 个，不能减到这个数以下；增加的先给候补。"


class ShareForm(forms.Form):
    """A part of the common places, for a district, bureau or street, or for a category."""

    union = forms.ModelChoiceField(
        Union.objects.none(), label="给哪个区、产业局或街镇", required=False, empty_label="不按工会"
    )
    category = forms.ChoiceField(
        label="给哪一类会员",
        required=False,
        choices=[("", "不按类别"), *Category.choices],
        help_text="工会和类别选一样。",
    )
    places = number_field("名额", 1, MAX_PLACES)
    held_until = time_field(
        "保留至", required=False, help_text="到时没有用完的自动退回公共名额；不填的一直保留到截止。"
    )

    def __init__(self, data: Any = None, *, session: Session) -> None:
        super().__init__(data)
        unions: Any = self.fields["union"]
        unions.queryset = receivers(session.programme)
        common = session.shares.filter(union=None, category="").first()
        self.fields["places"].help_text = f"从公共名额中划出，公共名额还有 {common.free if common else 0} 个没有约出。"

    def clean(self) -> dict[str, Any]:
        values = self.cleaned_data
        if bool(values.get("union")) == bool(values.get("category")) and not self.errors:
            self.add_error("category", "请选择一个工会，或选择一个类别，不能都选，也不能都不选。")
        return values


def receivers(programme: Programme) -> Any:
    """To whom a share can be given: districts and bureaus, or the streets and companies of one's own."""
    if programme.publisher.kind == UnionKind.CITY:
        return Union.objects.filter(kind__in=[UnionKind.DISTRICT, UnionKind.BUREAU]).standing().order_by("kind", "code")
    return Union.objects.filter(superior=programme.publisher).superiors().standing().order_by("code", "pk")


class MoveForm(forms.Form):
    """Places from one share to another of the session."""

    origin = forms.ModelChoiceField(Share.objects.none(), label="从", empty_label="请选择")
    target = forms.ModelChoiceField(Share.objects.none(), label="移到", empty_label="请选择")
    places = number_field("名额", 1, MAX_PLACES)
    reason = text_field("原因", 200)

    def __init__(self, data: Any = None, *, session: Session) -> None:
        super().__init__(data)
        for name in ("origin", "target"):
            field: Any = self.fields[name]
            field.queryset = session.shares.select_related("union").order_by("pk")
            field.label_from_instance = lambda share: f"{share}（余 {share.free} / {share.capacity}）"

    def clean(self) -> dict[str, Any]:
        values = self.cleaned_data
        if values.get("origin") and values.get("origin") == values.get("target"):
            self.add_error("target", "“移到”要与“从”不同。")
        return values
