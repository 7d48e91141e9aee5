"""Parsing of the queue's filters, and of what is decided about a pair."""

from collections.abc import Mapping
from typing import Any, NamedTuple, cast

from django import forms
from django.db.models import Q

from gonghui.accounts.models import User
from gonghui.duplicates import choosing
from gonghui.duplicates.actions import MAX_NOTE, Wish
from gonghui.duplicates.models import Pair, Reason, Record
from gonghui.duplicates.states import PairState
from gonghui.kit.forms import ListFilter
from gonghui.members.collected import collected

LEVELS = {"own": "本级", "below": "下级"}


class PairFilter(ListFilter):
    """By state, by what makes them alike, and by which level sees both first."""

    state = forms.ChoiceField(label="状态", required=False, choices=[("", "全部"), *PairState.choices])
    reason = forms.ChoiceField(label="疑似原因", required=False, choices=[("", "全部"), *Reason.choices])
    level = forms.ChoiceField(label="核对的工会", required=False, choices=[("", "全部"), *LEVELS.items()])

    def __init__(self, data: Mapping[str, Any], *, user: User) -> None:
        super().__init__(data)
        self.user = user
        if user.union and user.union.is_grassroots:
            del self.fields["level"]

    def narrowed(self, rows: Any, values: Mapping[str, Any]) -> Any:
        equal = {name: values[name] for name in ("state", "reason") if values[name]}
        own = Q(owner=self.user.union)
        match values.get("level"):
            case "own":
                rows = rows.filter(own)
            case "below":
                rows = rows.exclude(own)
        return rows.filter(**equal)


class Part(NamedTuple):
    """One field of a record, as a cell shows it."""

    label: str
    text: str
    is_number: bool


class Cell(NamedTuple):
    """One of the two values of a line, to be chosen."""

    which: Record
    parts: list[Part]
    is_chosen: bool


class Line(NamedTuple):
    """One line of the side by side in which something is chosen."""

    name: str
    label: str
    cells: list[Cell]
    errors: list[str]


class MergeForm(forms.Form):
    """In whose union the person stays, and field by field whose value is right."""

    kept = forms.ChoiceField(label="会籍保留在", widget=forms.RadioSelect, choices=Record.choices)
    note = forms.CharField(
        label="说明", required=False, max_length=MAX_NOTE, widget=forms.Textarea(attrs={"rows": 2}),
        help_text="核对的依据，例如“已看过新旧证件”。不要写证件号码。",
    )  # fmt: skip
    version = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, data: Any, *, pair: Pair, initial: Mapping[str, Any] | None = None) -> None:
        super().__init__(data, initial=dict(initial or {}))
        self.pair, self.asked = pair, collected()
        self.choices = choosing.choices(pair, self.asked)
        if data is None and initial is None:
            self.initial = choosing.suggested(pair, self.choices)
        for choice in self.choices:
            self.fields[choice.name] = forms.ChoiceField(
                label=choice.label,
                widget=forms.RadioSelect,
                choices=Record.choices,
                error_messages={"required": f"请选择{choice.label}以哪一条记录为准。"},
            )
        records = {Record.MAIN: pair.member, Record.OTHER: pair.other}
        if pair.member.union_id and pair.other.union_id and pair.member.union_id != pair.other.union_id:
            unions = [(which, f"{member.union}（{which.label}）") for which, member in records.items()]
            cast(forms.ChoiceField, self.fields["kept"]).choices = unions
            self.fields["kept"].help_text = "另一家工会会收到请求，同意后合并才生效。"
        else:
            del self.fields["kept"]

    def clean(self) -> dict[str, Any]:
        """The values together are right; the action asks again under its lock."""
        if not self.errors:
            wish = self.wish
            wrong = choosing.problems(self.pair, wish.kept, wish.chosen, self.choices, self.asked)
            for name, sentence in wrong.items():
                self.add_error(name or None, sentence)
        return self.cleaned_data

    def lines(self, *, full: bool) -> list[Line]:
        """What is chosen, masked unless ``full``."""
        return [self._line(choice, full=full) for choice in self.choices]

    def _line(self, choice: choosing.Choice, *, full: bool) -> Line:
        chosen = self[choice.name].value()
        cells = [
            Cell(
                which,
                [
                    Part(
                        field.label if len(choice.fields) > 1 else "",
                        field.text(getattr(choosing.record_of(self.pair, which), field.name), full=full) or "-",
                        field.is_number,
                    )
                    for field in choice.fields
                ],
                chosen == which,
            )
            for which in Record
        ]
        return Line(choice.name, choice.label, cells, [str(error) for error in self.errors.get(choice.name, [])])

    @property
    def shown_below(self) -> list[Any]:
        """The fields that stand below the side by side."""
        return [self[name] for name in ("kept", "note") if name in self.fields]

    @property
    def fields_chosen(self) -> list[str]:
        return [field.name for choice in self.choices for field in choice.fields]

    @property
    def wish(self) -> Wish:
        values = self.cleaned_data
        chosen = {choice.name: Record(values[choice.name]) for choice in self.choices}
        return Wish(Record(values.get("kept") or Record.MAIN), Record.MAIN, values["note"], chosen)

    def filled(self, which: Record) -> "MergeForm":
        """The form again, all choices of one record, with what else was typed."""
        typed = {name: self.data.get(name, "") for name in ("kept", "note")}
        return MergeForm(None, pair=self.pair, initial=typed | choosing.all_of(self.pair, which, self.choices))


class DismissForm(forms.Form):
    note = forms.CharField(
        label="依据", required=False, max_length=MAX_NOTE, widget=forms.Textarea(attrs={"rows": 2}),
        help_text="例如“双胞胎”“夫妻共用手机号”。不要写证件号码。",
    )  # fmt: skip
    version = forms.CharField(widget=forms.HiddenInput, required=False)


class AnswerForm(forms.Form):
    opinion = forms.CharField(
        label="意见", required=False, max_length=MAX_NOTE, widget=forms.Textarea(attrs={"rows": 2}),
        help_text="不同意时必须填写原因，对方会看到。",
    )  # fmt: skip
