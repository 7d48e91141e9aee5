"""The form of the search for unions."""

from collections.abc import Mapping
from typing import Any

from django import forms

from gonghui.kit.forms import ListFilter
from gonghui.unions.models import UnionQuerySet
from gonghui.unions.queries import matching


class NameFilter(ListFilter):
    """A part of a name, or a whole 工会编号 or code."""

    q = forms.CharField(label="工会或单位名称", required=False, max_length=100)

    def narrowed(self, unions: UnionQuerySet, values: Mapping[str, Any]) -> UnionQuerySet:
        return matching(unions, values["q"]) if values["q"] else unions
