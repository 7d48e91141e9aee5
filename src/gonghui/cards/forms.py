"""The forms of the cards' pages."""

from collections.abc import Mapping
from typing import Any

from django import forms

from gonghui.cards.applications.actions import MAX_REASON
from gonghui.cards.makers import Maker
from gonghui.cards.models import CardBatchQuerySet
from gonghui.cards.states import BatchState, Purpose
from gonghui.kit.documents import compact
from gonghui.kit.uploads import MAX_UPLOAD_BYTES
from gonghui.members.queries import Filters
from gonghui.members.register.forms import NameAndNumber
from gonghui.unions.forms import NameFilter

_TOO_LARGE = f"文件超过上限 {MAX_UPLOAD_BYTES // 1024 // 1024} MB，没有上传。请让制卡方分成几个结果文件发送。"


class CodeForm(forms.Form):
    """「9位工会组织机构代码」."""

    code = forms.CharField(
        label="9位工会组织机构代码",
        max_length=20,
        help_text="工会法人资格证书或单位组织机构代码证上的 9 位代码；18 位统一社会信用代码的第 9 至 17 位。",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "autocapitalize": "characters"}),
        error_messages={"required": "请填写 9 位工会组织机构代码，没有的请由系统生成虚拟代码。"},
    )


class AgreeForm(forms.Form):
    """「请输入约定姓名」; `names.check_agreed` checks it."""

    agreed = forms.CharField(
        label="请输入约定姓名",
        max_length=50,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "autofocus": True}),
    )


class ReportForm(forms.Form):
    """The reason why a card is reported lost, replaced or given back."""

    reason = forms.CharField(
        label="原因",
        max_length=MAX_REASON,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="上级工会审核时会看到。",
        error_messages={"required": "请填写原因，上级工会审核时会看到。"},
    )


class CardFilter(NameAndNumber):
    """The filters of the list of cards; they are sealed in the address, like those of members."""

    card = forms.CharField(
        label="卡号搜索", required=False, max_length=40, widget=forms.TextInput(attrs={"inputmode": "numeric"})
    )

    def clean_card(self) -> str:
        """Returns the digits. Raises ValidationError for other characters: without digits there would be no filter."""
        card = compact(self.cleaned_data["card"])
        if card and not card.isdecimal():
            raise forms.ValidationError("卡号只有数字，请对照会员卡核对。")
        return card

    def filters(self) -> Filters:
        """The filters, with the card's number in place of the document number."""
        values = self.cleaned_data
        return Filters(name=values["name"], number=values["number"], document=values["card"])


class BatchFilter(NameFilter):
    """The filters over the list of batches."""

    q = None  # type: ignore[assignment] # it is ``union`` here
    name_field, path = "union", "union"
    union = forms.CharField(
        label="工会名称或编号", required=False, max_length=100, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    purpose = forms.ChoiceField(label="办理事项", required=False, choices=[("", "全部事项"), *Purpose.choices])
    state = forms.ChoiceField(label="状态", required=False, choices=[("", "全部状态"), *BatchState.choices])

    def chosen(self, batches: CardBatchQuerySet, values: Mapping[str, Any]) -> CardBatchQuerySet:
        return batches.filter(**{name: values[name] for name in ("state", "purpose") if values[name]})


class ResultForm(forms.Form):
    """One result file of the card maker."""

    file = forms.FileField(
        label="选择制卡结果文件",
        widget=forms.FileInput(attrs={"data-max-bytes": MAX_UPLOAD_BYTES, "data-too-large": _TOO_LARGE}),
        allow_empty_file=True,
        max_length=255,
        error_messages={"max_length": "文件名太长，请改短后再上传。"},
    )

    def __init__(self, *args: Any, maker: Maker, too_large: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["file"].widget.attrs["accept"] = f".{maker.extension},text/plain"
        self.fields["file"].error_messages["required"] = _TOO_LARGE if too_large else "请先选择制卡方返回的结果文件。"
