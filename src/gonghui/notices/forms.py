"""The forms of the notices: the filter of the list, and the mail settings."""

from collections.abc import Mapping
from typing import Any

from django import forms

from gonghui.kit.forms import ListFilter
from gonghui.notices.hooks import task_kinds
from gonghui.notices.models import MailChoice, NoticeQuerySet
from gonghui.notices.settings import SUBJECTS


def _kinds() -> list[tuple[str, str]]:
    return [("", "全部"), *((kind.code, kind.label) for kind in task_kinds())]


class NoticeFilter(ListFilter):
    kind = forms.ChoiceField(label="待办", required=False, choices=_kinds)

    def narrowed(self, rows: NoticeQuerySet, values: Mapping[str, Any]) -> NoticeQuerySet:
        """Returns the open notices of one kind, or without a kind `rows`."""
        return rows.open_of(values["kind"]) if values["kind"] else rows


class SettingForm(forms.Form):
    """The mail settings: an unticked box is a subject without mail."""

    mail = forms.ChoiceField(label="邮件通知", choices=MailChoice.choices, widget=forms.RadioSelect)
    subjects = forms.MultipleChoiceField(
        label="发邮件的内容",
        choices=list(SUBJECTS.items()),
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text="没有勾选的只在平台中提醒。找回密码、登录验证等邮件不受影响。",
    )
