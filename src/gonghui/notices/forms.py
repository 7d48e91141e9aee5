"""The form of the notice settings."""

from django import forms

from gonghui.notices.models import MailChoice
from gonghui.notices.settings import SUBJECTS


class SettingForm(forms.Form):
    """What is mailed: the boxes that stay empty are of subjects without mail."""

    mail = forms.ChoiceField(label="邮件通知", choices=MailChoice.choices, widget=forms.RadioSelect)
    subjects = forms.MultipleChoiceField(
        label="发邮件的内容",
        choices=list(SUBJECTS.items()),
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text="没有勾选的只在平台中提醒。找回密码、登录验证等邮件不受影响。",
    )
