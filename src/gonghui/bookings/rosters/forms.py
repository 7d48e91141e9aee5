"""Parsing of the roster's filters, of its exports, and of the answer to an objection."""

from typing import Any

from django import forms

from gonghui.bookings.models import Programme, Session
from gonghui.bookings.programmes.forms import radio, text_field
from gonghui.bookings.rosters.columns import COLUMNS, MAX_BLANKS
from gonghui.bookings.states import PlaceState
from gonghui.kit.forms import ListFilter


class PeopleFilter(ListFilter):
    """Of one programme: session, state, union, bus."""

    session = forms.ModelChoiceField(Session.objects.none(), label="班次", required=False, empty_label="全部")
    state = forms.ChoiceField(label="状态", required=False, choices=[("", "全部"), *PlaceState.choices])
    union = forms.CharField(label="工会", required=False, max_length=60)
    bus = forms.CharField(label="车次", required=False, max_length=20)

    def __init__(self, data: Any, *, programme: Programme) -> None:
        super().__init__(data)
        field: Any = self.fields["session"]
        field.queryset = programme.sessions.select_related("venue").order_by("begins_on", "from_time", "pk")

    def narrowed(self, rows: Any, values: Any) -> Any:
        if values["session"]:
            rows = rows.filter(session=values["session"])
        if values["state"]:
            rows = rows.filter(state=values["state"])
        if values["union"]:
            rows = rows.filter(union__name__icontains=values["union"].strip())
        return rows.filter(bus=values["bus"].strip()) if values["bus"] else rows


class RosterForm(forms.Form):
    """Which columns a roster has, and which empty ones to write in."""

    columns = forms.MultipleChoiceField(
        label="列",
        choices=[(name, column.label) for name, column in COLUMNS.items()],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "请至少勾选一列。"},
    )
    blanks = text_field(
        "空白列",
        100,
        required=False,
        help_text=f"导出后手写用，最多 {MAX_BLANKS} 列，用顿号或逗号分开，例如：房间号、备注。",
    )

    def clean_blanks(self) -> list[str]:
        text = self.cleaned_data["blanks"]
        for mark in ("，", ",", "；", ";", "\n"):
            text = text.replace(mark, "、")
        blanks = list(dict.fromkeys(part.strip() for part in text.split("、") if part.strip()))
        labels = {column.label for column in COLUMNS.values()}
        if len(blanks) > MAX_BLANKS:
            raise forms.ValidationError(f"空白列最多 {MAX_BLANKS} 列，现在是 {len(blanks)} 列。")
        if taken := [blank for blank in blanks if blank in labels]:
            raise forms.ValidationError(f"“{taken[0]}”与已有的列重名，请换一个名称。")
        return blanks


class InsuranceForm(forms.Form):
    """Full numbers leave the platform: for whom, and why."""

    purpose = text_field("用途", 100, help_text="例如：为第 1 期参加人员投保旅游意外险。写入文件，会员本人也能看到。")


class ContestForm(forms.Form):
    """What is decided about an objection."""

    decision = radio("处理", [("yes", "更正为已参加"), ("no", "维持未到")])
    answer = text_field("答复", 200, lines=3, help_text="随通知告知提出异议的工会。")
