"""Parsing of a draft, of a recall's reason, and of the filters of the lists."""

from collections.abc import Mapping
from typing import Any, cast

from django import forms
from django.utils.timezone import localdate

from gonghui.circulars.actions import Text
from gonghui.circulars.models import MAX_BODY, MAX_REASON, MAX_TITLE, Circular, Depth
from gonghui.circulars.queries import branches_of
from gonghui.kit.forms import StateFilter, date_input
from gonghui.unions.forms import NameFilter
from gonghui.unions.models import Union


class BranchChoice(forms.ModelMultipleChoiceField):
    """The unions directly below the publisher as boxes, by what people call them."""

    def label_from_instance(self, obj: Any) -> str:
        return str(obj.short_name)


class CircularForm(forms.Form):
    title = forms.CharField(
        label="标题", max_length=MAX_TITLE, strip=True, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    body = forms.CharField(
        label="内容",
        max_length=MAX_BODY,
        strip=True,
        help_text="空一行分段；网址会显示为链接，文件可以先放到下载专区再附上网址。不要写会员的个人信息。",
        widget=forms.Textarea(attrs={"rows": 12}),
    )
    depth = forms.TypedChoiceField(
        label="发送范围", coerce=int, help_text="中间各级工会同时收到，可以查看所辖工会的阅读和签收情况。",
        widget=forms.RadioSelect,
    )  # fmt: skip
    branches = BranchChoice(
        Union.objects.none(), label="只发给", required=False, help_text="不勾选的，发给全部。",
        widget=forms.CheckboxSelectMultiple,
    )  # fmt: skip
    confirm = forms.BooleanField(
        label="需要签收", required=False, help_text="每家工会由经办人、管理员或审核人点“签收”，没有签收的可以催办。"
    )
    due_on = forms.DateField(label="签收截止日期", required=False, widget=date_input())
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: Any, *, publisher: Union, draft: Circular | None = None) -> None:
        super().__init__(data, initial=_initial(draft))
        below = [(value, label) for value, label in Depth.choices if value > publisher.level]
        cast(forms.ChoiceField, self.fields["depth"]).choices = below
        branches = branches_of(publisher)
        if publisher.level < 3 and branches.exists():
            cast(BranchChoice, self.fields["branches"]).queryset = branches
        else:
            del self.fields["branches"]
        self.fields["due_on"].widget.attrs["min"] = str(localdate())

    @property
    def text(self) -> Text:
        values = self.cleaned_data
        return Text(
            title=values["title"],
            body=values["body"],
            depth=values["depth"],
            branches=[union.pk for union in values.get("branches", ())],
            confirm=values["confirm"],
            due_on=values["due_on"],
        )


def _initial(draft: Circular | None) -> dict[str, Any]:
    if draft is None:
        return {"depth": Depth.GRASSROOTS}
    names = ("title", "body", "depth", "confirm", "due_on", "version")
    return {name: getattr(draft, name) for name in names} | {"branches": list(draft.branches.all())}


class RecallForm(forms.Form):
    reason = forms.CharField(
        label="收回的原因",
        max_length=MAX_REASON,
        help_text="已经收到的工会打开通知时看到这个原因，不再看到内容。",
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class ReceivedFilter(StateFilter):
    """「待办理」 or all."""

    def __init__(self, data: Any) -> None:
        super().__init__(data, [("open", "待办理")])

    def narrowed(self, rows: Any, values: Any) -> Any:
        return rows.filter(open=True) if values["state"] else rows


class ReceiptFilter(NameFilter):
    """Of one circular: those of a branch, of a name, and how far they are."""

    q = None  # type: ignore[assignment] # it is ``unit`` here
    state = forms.ChoiceField(label="情况", required=False)
    branch = forms.ModelChoiceField(Union.objects.none(), label="上级工会", required=False, empty_label="全部")
    unit = forms.CharField(label="单位", required=False, max_length=60)
    name_field, path = "unit", "union"

    def __init__(self, data: Any, *, circular: Circular, node: Union) -> None:
        super().__init__(data)
        states = [("unread", "未读"), ("read", "已读")]
        if circular.confirm:
            states = [("unread", "未读"), ("unconfirmed", "未签收"), ("confirmed", "已签收")]
        cast(forms.ChoiceField, self.fields["state"]).choices = [("", "全部"), *states]
        field = cast(forms.ModelChoiceField, self.fields["branch"])
        field.queryset = branches_of(node)
        field.widget.attrs["class"] = "form-select"

    def chosen(self, rows: Any, values: Mapping[str, Any]) -> Any:
        match values["state"]:
            case "unread":
                rows = rows.filter(read_at=None)
            case "read":
                rows = rows.filter(read_at__isnull=False)
            case "unconfirmed":
                rows = rows.filter(confirmed_at=None)
            case "confirmed":
                rows = rows.filter(confirmed_at__isnull=False)
        if branch := values["branch"]:
            rows = rows.filter(union__in=Union.objects.below(branch) | Union.objects.filter(pk=branch.pk))
        return rows
