"""Parsing of the queue's filters, and of what is decided about a pair."""

from collections.abc import Mapping
from typing import Any, cast

from django import forms
from django.db.models import Q

from gonghui.accounts.models import User
from gonghui.duplicates.actions import MAX_NOTE, Wish
from gonghui.duplicates.models import Pair, Reason, Record
from gonghui.duplicates.states import PairState
from gonghui.kit.forms import ListFilter

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


class MergeForm(forms.Form):
    """In whose union the person stays, and whose values are right."""

    kept = forms.ChoiceField(label="会籍保留在", widget=forms.RadioSelect, choices=Record.choices)
    values = forms.ChoiceField(
        label="资料以哪一条为准",
        widget=forms.RadioSelect,
        choices=Record.choices,
        help_text="姓名、证件、手机号等都取自这一条，空着的用另一条补上。两个证件号码以后都能找到这名会员。",
    )
    note = forms.CharField(
        label="说明", required=False, max_length=MAX_NOTE, widget=forms.Textarea(attrs={"rows": 2}),
        help_text="核对的依据，例如“已看过新旧证件”。不要写证件号码。",
    )  # fmt: skip
    version = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, data: Any, *, pair: Pair) -> None:
        super().__init__(data)
        records = {Record.MAIN: pair.member, Record.OTHER: pair.other}
        values = [(which, f"{which.label}（{member.number}）") for which, member in records.items()]
        cast(forms.ChoiceField, self.fields["values"]).choices = values
        if pair.member.union_id and pair.other.union_id and pair.member.union_id != pair.other.union_id:
            unions = [(which, f"{member.union}（{which.label}）") for which, member in records.items()]
            cast(forms.ChoiceField, self.fields["kept"]).choices = unions
            self.fields["kept"].help_text = "另一家工会会收到请求，同意后合并才生效。"
        else:
            del self.fields["kept"]

    @property
    def wish(self) -> Wish:
        values = self.cleaned_data
        return Wish(Record(values.get("kept") or Record.MAIN), Record(values["values"]), values["note"])


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
