"""Parsing of the pages of 「区局栏目」."""

from typing import Any

from django import forms

from gonghui.publishing.local.actions import MAX_REASON, MAX_SLUG
from gonghui.publishing.local.queries import proposed_slug
from gonghui.publishing.models import LocalSection
from gonghui.unions.models import Union


class OpenForm(forms.Form):
    """Where a new section stands; one that was closed has its address."""

    slug = forms.CharField(
        label="网址", max_length=MAX_SLUG,
        help_text="栏目地址的最后一段：小写字母、数字和连字符，例如 yangpu。开通后不能修改。",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )  # fmt: skip

    def __init__(self, *args: Any, union: Union, local: LocalSection | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["slug"] = proposed_slug(union)
        if local:
            del self.fields["slug"]


class CloseForm(forms.Form):
    reason = forms.CharField(
        label="关闭原因", max_length=MAX_REASON, help_text="该会的管理员在通知中看到，不公开。",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )  # fmt: skip
