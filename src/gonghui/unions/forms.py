"""The filters of lists of unions."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, cast

from django import forms
from django.http import QueryDict
from django.utils.timezone import localdate

from gonghui.kit.days import years_before
from gonghui.kit.forms import ListFilter
from gonghui.unions.hooks import CONDITIONS
from gonghui.unions.models import Person, Union, UnionQuerySet, UnionState
from gonghui.unions.queries import matching, superiors_below

AGES = {
    "0-1": "不满 1 年",
    "1-3": "1 到 3 年",
    "3-5": "3 到 5 年",
    "5-10": "5 到 10 年",
    "10-1000": "10 年以上",
}
"""Whole years since a union was founded: from so many, less than so many."""


class NameFilter(ListFilter):
    """A part of a name, or a whole 工会编号 or code, of the unions that the rows are or belong to (``path``)."""

    q = forms.CharField(label="工会或单位名称", required=False, max_length=100)
    name_field, path = "q", "pk"

    @property
    def name(self) -> str:
        """What is searched for; none while it is wrong."""
        return self.cleaned_data[self.name_field] if self.is_valid() else ""

    def narrowed(self, rows: Any, values: Mapping[str, Any]) -> Any:
        rows, name = self.chosen(rows, values), values[self.name_field]
        return matching(rows, name, self.path) if name else rows

    def chosen(self, rows: Any, values: Mapping[str, Any]) -> Any:
        """The rows that the other filters select."""
        return rows


class UnionFilter(NameFilter):
    """The search over all unions below: by age, and what apps above know of them; who has superior unions below chooses
    among them, and the state, too.
    """

    superior = forms.ChoiceField(
        label="所属上级",
        required=False,
        widget=forms.Select(attrs={"data-search": True}),
        error_messages={"invalid_choice": "所选的上级工会不在您的管辖范围内，或已经不存在。"},
    )
    state = forms.ChoiceField(label="状态", required=False, choices=[("", "全部"), *UnionState.choices])
    age = forms.ChoiceField(label="建会时间", required=False, choices=[("", "全部"), *AGES.items()])

    def __init__(self, *args: Any, user: Person, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        for name, condition in CONDITIONS.items():
            choices = [("", "全部"), *condition.choices.items()]
            self.fields[name] = forms.ChoiceField(label=condition.label, required=False, choices=choices)
        self.superiors: dict[str, Union] = {str(union.pk): union for union in superiors_below(user)}
        if self.superiors:
            choices = [("", "全部"), *((pk, union.path) for pk, union in self.superiors.items())]
            cast(forms.ChoiceField, self.fields["superior"]).choices = choices
        else:  # a street has its own list by state
            del self.fields["superior"], self.fields["state"]

    @property
    def chips(self) -> list[tuple[str, str]]:
        """Returns the active conditions in words, each with the query of the list without it."""
        chosen: list[tuple[str, str]] = []
        for name, value in (self.cleaned_data if self.is_valid() else {}).items():
            query = cast(QueryDict, self.data).copy()
            for passing in (name, "page", "near"):
                query.pop(passing, None)
            words = dict(getattr(self.fields[name], "choices", ())).get(value, value)
            chosen += [(f"{self.fields[name].label}：{words}", f"?{query.urlencode()}")] if value else []
        return chosen

    def chosen(self, unions: UnionQuerySet, values: Mapping[str, Any]) -> UnionQuerySet:
        if any(value for name, value in values.items() if name != "q"):
            unions = unions.grassroots()
        if values.get("superior"):
            unions = unions.below(self.superiors[values["superior"]])
        if values.get("state"):
            unions = unions.filter(state=values["state"])
        if values["age"]:
            unions = unions.filter(founded_on__range=_founded(values["age"]))
        for name, condition in CONDITIONS.items():
            unions = condition.narrow(unions, values[name], self.user) if values[name] else unions
        return unions


def _founded(age: str) -> tuple[date, date]:
    """The days on which those of this age were founded, both ends within."""
    youngest, oldest = map(int, age.split("-"))
    today = localdate()
    return years_before(today, oldest) + timedelta(days=1), years_before(today, youngest)
