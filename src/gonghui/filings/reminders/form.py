"""The filter of the list of unions that are past a day, or near it."""

from collections.abc import Mapping
from typing import Any, cast

from django import forms
from django.utils.timezone import localdate

from gonghui.accounts.models import User
from gonghui.filings.deadlines import DEADLINES, REELECTION, Deadline, bound, choices, chosen
from gonghui.unions.forms import NameFilter
from gonghui.unions.models import Union, UnionQuerySet
from gonghui.unions.queries import superiors_below


class DeadlineFilter(NameFilter):
    """``which``: a key of ``filings.deadlines.choices``; without it those past their 换届."""

    which = forms.ChoiceField(label="到期", required=False, widget=forms.HiddenInput, choices=())
    superior = forms.ChoiceField(
        label="所属上级",
        required=False,
        widget=forms.Select(attrs={"data-search": True}),
        error_messages={"invalid_choice": "所选的上级工会不在您的管辖范围内，或已经不存在。"},
    )

    def __init__(self, data: Mapping[str, Any], *, user: User, node: Union) -> None:
        super().__init__(data)
        self.node, self.superiors = node, {str(union.pk): union for union in superiors_below(user)}
        cast(forms.ChoiceField, self.fields["which"]).choices = list(choices().items())
        if self.superiors:
            paths = [("", "全部"), *((pk, union.path) for pk, union in self.superiors.items())]
            cast(forms.ChoiceField, self.fields["superior"]).choices = paths
        else:
            del self.fields["superior"]

    @property
    def choice(self) -> str:
        """What the list is of, while the rest may be wrong."""
        which = self.data.get("which", "")
        return which if which in choices() else f"{REELECTION.code}-overdue"

    @property
    def deadline(self) -> Deadline:
        return DEADLINES[self.choice.partition("-")[0]]

    @property
    def narrows(self) -> bool:
        """Whether more than the tab is chosen."""
        return any(str(self.data.get(name, "")).strip() for name in self.fields if name != "which")

    @property
    def rows(self) -> UnionQuerySet:
        """All unions that the list is of, before its filters."""
        rows: UnionQuerySet = chosen(bound(self.node), self.choice, localdate())
        return rows

    def chosen(self, rows: UnionQuerySet, values: Mapping[str, Any]) -> UnionQuerySet:
        return rows.below(self.superiors[values["superior"]]) if values.get("superior") else rows

    @property
    def unions(self) -> UnionQuerySet:
        """Those that are shown, reminded of, exported."""
        return self.narrow(self.rows)
