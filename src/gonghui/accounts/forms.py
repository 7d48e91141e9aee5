"""The account forms."""

from collections.abc import Mapping
from operator import attrgetter
from typing import Any, cast

from allauth.account.forms import AddEmailForm, ChangePasswordForm, LoginForm, ResetPasswordForm
from django import forms
from django.db.models import Q

from gonghui.accounts.models import Role, User, UserQuerySet
from gonghui.accounts.privacy import current_version
from gonghui.accounts.queries import colleagues
from gonghui.accounts.rules import roles_of
from gonghui.kit.documents import Invalid
from gonghui.kit.forms import EmailInput, ListFilter
from gonghui.kit.names import MAX_NAME, clean_name
from gonghui.unions.levels import UnionKind
from gonghui.unions.models import Union


class _CurrentVersion(forms.HiddenInput):
    """Always the current version, also when the form is shown again after an older version was submitted."""

    def format_value(self, value: Any) -> str:
        return current_version()


class SignInForm(LoginForm):
    """allauth's, with the e-mail cleaned as it is stored."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        login = self.fields["login"]
        login.label, login.widget = "用户名", EmailInput(attrs={"autocomplete": "username"})
        login.help_text = "注册时使用的电子邮箱。"
        self.fields["password"].widget.attrs.pop("placeholder", None)


class ForgottenForm(ResetPasswordForm):
    """As ``SignInForm``."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        email = self.fields["email"]
        email.label, email.widget = "邮箱", EmailInput(attrs={"autocomplete": "email"})


class NewEmailForm(AddEmailForm):
    """The address to which one's own account changes."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        email = self.fields["email"]
        email.label, email.widget = "新邮箱", EmailInput(attrs={"autocomplete": "email"})
        email.help_text = "验证邮件发到这里，打开其中的链接后才会更换。"


class NewPasswordForm(ChangePasswordForm):
    """allauth's, without the labels once more inside the fields."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs.pop("placeholder", None)


class PrivacyForm(forms.Form):
    """「我已阅读并同意」, for the version that the page showed."""

    privacy = forms.BooleanField(
        label="我已阅读并同意《个人信息处理说明》",
        error_messages={"required": "请先阅读《个人信息处理说明》，同意后勾选这一项。"},
    )
    privacy_version = forms.CharField(required=False, widget=_CurrentVersion)

    def clean_privacy(self) -> bool:
        """Raises ValidationError when the notice has changed since the page was shown."""
        if self.data.get(self.add_prefix("privacy_version")) != current_version():
            raise forms.ValidationError("《个人信息处理说明》刚刚更新，请重新阅读后再勾选。")
        return True


class PersonNameField(forms.CharField):
    """A person's name, cleaned and checked as a member's is (kit.names)."""

    def __init__(self, *, label: str = "姓名", autocomplete: str = "off", **kwargs: Any) -> None:
        widget = forms.TextInput(attrs={"autocomplete": autocomplete})
        super().__init__(label=label, max_length=MAX_NAME, widget=widget, **kwargs)

    def clean(self, value: Any) -> str:
        """Raises ValidationError with the sentence of ``clean_name``."""
        text = super().clean(value)
        try:
            return clean_name(text) if text else ""
        except Invalid as invalid:
            raise forms.ValidationError(str(invalid)) from invalid


class NameForm(forms.Form):
    name = PersonNameField(autocomplete="name")


class RolesForm(forms.Form):
    """Other roles for an account of ``by``'s own union."""

    roles = forms.MultipleChoiceField(label="角色", widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        assert by.union is not None  # noqa: S101 (only an administrator of a union comes here)
        cast(forms.MultipleChoiceField, self.fields["roles"]).choices = [
            (role.value, role.label)
            for role in roles_of(by.union.kind)
            if role != Role.PLATFORM_ADMIN or by.is_platform_admin
        ]


class AccountForm(RolesForm):
    """A new account of ``by``'s union or of one directly below."""

    field_order = ("union", "email", "name", "roles")
    union = forms.ModelChoiceField(
        label="工会",
        queryset=Union.objects.none(),
        empty_label=None,
        widget=forms.Select(attrs={"data-search": "", "class": "form-select"}),
    )
    email = forms.EmailField(
        label="邮箱", help_text="登录的用户名，开通邮件发到这里。", widget=EmailInput(attrs={"autocomplete": "off"})
    )
    name = PersonNameField(help_text="审核记录和通知中显示的办理人。")
    roles = forms.MultipleChoiceField(
        label="角色",
        widget=forms.CheckboxSelectMultiple,
        help_text="下级工会只能开通第一个管理员，其余的由这位管理员开通。",
    )

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        super().__init__(*args, by=by, **kwargs)
        below = Q(superior=by.union) & ~Q(kind=UnionKind.GRASSROOTS)
        union = cast(forms.ModelChoiceField, self.fields["union"])
        union.queryset, union.initial = (
            Union.objects.filter(Q(pk=by.union_id) | below).standing().order_by("id"),
            by.union,
        )


class HandOverForm(forms.Form):
    """The successor of an account: an account of the same union, or a new one."""

    successor = forms.ModelChoiceField(
        label="已有账号", queryset=User.objects.none(), required=False, empty_label="不选，用下面的邮箱新开账号"
    )
    email = forms.EmailField(
        label="接任人邮箱",
        required=False,
        help_text="没有账号的接任人填写邮箱，开通邮件发到这里。",
        widget=EmailInput(attrs={"autocomplete": "off"}),
    )
    name = PersonNameField(label="接任人姓名", required=False)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        successor = cast(forms.ModelChoiceField, self.fields["successor"])
        successor.queryset = colleagues(user)
        successor.label_from_instance = attrgetter("named")  # type: ignore[method-assign, assignment] # documented

    def clean(self) -> dict[str, Any]:
        """Adds an error when a new account has no name."""
        values = super().clean() or self.cleaned_data
        if values.get("email") and not values.get("name"):
            self.add_error("name", "请填写接任人的姓名。")
        return values


class AccountFilter(ListFilter):
    q = forms.CharField(label="姓名或邮箱", required=False, max_length=100)
    state = forms.ChoiceField(
        label="状态", required=False, choices=[("", "全部"), ("active", "已启用"), ("disabled", "已停用")]
    )

    def narrowed(self, accounts: UserQuerySet, values: Mapping[str, Any]) -> UserQuerySet:
        if text := values["q"]:
            accounts = accounts.filter(Q(name__icontains=text) | Q(email__icontains=text))
        return accounts.filter(is_active=values["state"] == "active") if values["state"] else accounts
