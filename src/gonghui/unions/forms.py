"""The filters of lists of unions."""

from collections.abc import Mapping
from typing import Any, cast

from django import forms
from django.http import QueryDict

from gonghui.kit.forms import ListFilter
from gonghui.unions.models import Person, Union, UnionQuerySet, UnionState
from gonghui.unions.queries import matching, superiors_below


class NameFilter(ListFilter):
    """A part of a name, or a whole 工会编号 or code."""

    q = forms.CharField(label="工会或单位名称", required=False, max_length=100)

    def narrowed(self, unions: UnionQuerySet, values: Mapping[str, Any]) -> UnionQuerySet:
        return matching(unions, values["q"]) if values["q"] else unions


class UnionFilter(NameFilter):
    """The search over all unions below. A user with superior unions below also filters by one of them, and by state."""

    superior = forms.ChoiceField(
        label="所属上级",
        required=False,
        widget=forms.Select(attrs={"data-search": True}),
        error_messages={"invalid_choice": "所选的上级工会不在您的管辖范围内，或已经不存在。"},
    )
    state = forms.ChoiceField(label="状态", required=False, choices=[("", "全部"), *UnionState.choices])

    def __init__(self, *args: Any, user: Person, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.superiors: dict[str, Union] = {str(union.pk): union for union in superiors_below(user)}
        if self.superiors:
            choices = [("", "全部"), *((pk, union.path) for pk, union in self.superiors.items())]
            cast(forms.ChoiceField, self.fields["superior"]).choices = choices
        else:  # a street has its own list by state
            del self.fields["superior"], self.fields["state"]

    @property
    def narrows(self) -> bool:
        """Whether there is any condition."""
        return any(self.data.get(name, "").strip() for name in self.fields)

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

    def narrowed(self, unions: UnionQuerySet, values: Mapping[str, Any]) -> UnionQuerySet:
        unions = super().narrowed(unions, values)
        if values.get("superior") or values.get("state"):
            unions = unions.grassroots()
        if values.get("superior"):
            node = self.superiors[values["superior"]]
            unions = unions.filter(**{f"level{node.level}": node})
        return unions.filter(state=values["state"]) if values.get("state") else unions
