"""Parsing of the editors' pages."""

from collections.abc import Mapping
from typing import Any, cast

from django import forms
from django.utils.timezone import localtime

from gonghui.kit.forms import ListFilter, date_input
from gonghui.publishing.html import MAX_CHARACTERS, as_plain, from_plain
from gonghui.publishing.local.queries import MAX_LISTED
from gonghui.publishing.models import (
    CITY_SECTIONS,
    MAX_TITLE,
    Article,
    ArticleQuerySet,
    LocalSection,
    Picture,
    Section,
    Shown,
)

MAX_SUMMARY = 200
CITY_CHOICES = [(section.value, section.label) for section in CITY_SECTIONS]


def _text(label: str, length: int, help_text: str = "", *, required: bool = False, **attrs: str) -> forms.CharField:
    widget = forms.TextInput(attrs={"autocomplete": "off", **attrs})
    return forms.CharField(label=label, max_length=length, help_text=help_text, required=required, widget=widget)


def _moment(label: str, help_text: str) -> forms.DateTimeField:
    widget = forms.DateTimeInput(format="%Y-%m-%dT%H:%M", attrs={"type": "datetime-local", "max": "2099-12-31T23:59"})
    return forms.DateTimeField(
        label=label, help_text=help_text, required=False, input_formats=["%Y-%m-%dT%H:%M"], widget=widget
    )


class ArticleFilter(ListFilter):
    """Filters of 「门户管理」; those of sections are the city's, who sees several."""

    title = _text("标题", 50)
    section = forms.ChoiceField(label="栏目", required=False, choices=[("", "全部栏目"), *Section.choices])
    local = forms.ChoiceField(label="区局", required=False)
    state = forms.ChoiceField(label="状态", required=False, choices=[("", "全部状态"), *Shown.choices])

    def __init__(self, *args: Any, of_all: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if of_all:
            sections = LocalSection.objects.select_related("union").order_by("union__code")[:MAX_LISTED]
            local = cast(forms.ChoiceField, self.fields["local"])
            local.choices = [("", "全部区局"), *((str(one.pk), str(one)) for one in sections)]
        else:
            del self.fields["section"], self.fields["local"]

    def narrowed(self, rows: ArticleQuerySet, values: Mapping[str, Any]) -> ArticleQuerySet:
        if values["title"]:
            rows = rows.filter(head__title__icontains=values["title"])
        for name in ("section", "local"):
            if values.get(name):
                rows = rows.filter(**{name: values[name]})
        return rows.shown_as(values["state"]) if values["state"] else rows


class NewForm(forms.Form):
    """Where an article begins."""

    section = forms.ChoiceField(label="栏目", choices=CITY_CHOICES, widget=forms.RadioSelect)
    title = _text("标题", MAX_TITLE, f"最多 {MAX_TITLE} 个字，以后可以修改。", required=True)


class NewLocalForm(forms.Form):
    """Likewise, of a district or bureau: it has one section."""

    title = _text("标题", MAX_TITLE, f"最多 {MAX_TITLE} 个字，以后可以修改。", required=True)


class TextForm(forms.Form):
    """What an editor writes. ``format`` says whether the body is HTML, of the editor, or typed text."""

    title = _text("标题", MAX_TITLE, required=True)
    document_number = _text("文号", 40, "例如 沪工总〔2026〕18 号。")
    issued_on = forms.DateField(label="发文日期", required=False, widget=date_input())
    repealed = forms.BooleanField(label="已废止（页面上标明不再有效）", required=False)
    summary = forms.CharField(
        label="摘要",
        required=False,
        max_length=MAX_SUMMARY,
        help_text=f"显示在首页头条和订阅中，最多 {MAX_SUMMARY} 个字。",
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    body = forms.CharField(
        label="正文",
        required=False,
        help_text="从 Word、WPS 或微信粘贴的，只保留标题、段落、列表、表格和链接；图片请用「图片」按钮上传。",
        widget=forms.Textarea(attrs={"rows": 16, "data-editor": "", "data-most": str(MAX_CHARACTERS)}),
    )
    format = forms.ChoiceField(choices=[("text", ""), ("html", "")], widget=forms.HiddenInput)
    cover = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, article: Article, **kwargs: Any) -> None:
        head = article.head
        plain = as_plain(head.body)
        initial = {
            name: getattr(head, name) for name in ("title", "document_number", "issued_on", "repealed", "summary")
        }
        initial |= {
            "body": head.body if plain is None else plain,
            "format": "html" if plain is None else "text",
            "cover": head.cover.key if head.cover else None,
        }
        kwargs["initial"] = initial
        super().__init__(*args, **kwargs)
        self.fields["body"].widget.attrs["data-html"] = head.body
        if article.section != Section.DOCUMENTS:
            for name in ("document_number", "issued_on", "repealed"):
                del self.fields[name]

    def clean_cover(self) -> Picture | None:
        key = self.cleaned_data["cover"]
        picture = Picture.objects.filter(key=key).first() if key else None
        if key and picture is None:
            raise forms.ValidationError("题图已不存在，请重新上传。")
        return picture

    def values(self) -> dict[str, Any]:
        """The fields of ``actions.Text``. Raises Refused for a text that is too long or too deep."""
        values = {name: value for name, value in self.cleaned_data.items() if name != "format"}
        if self.cleaned_data["format"] == "text":
            values["body"] = from_plain(values["body"])
        return values


class VersionForm(forms.Form):
    """What is done to an article as the page showed it."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=2**31 - 1)

    def __init__(self, *args: Any, article: Article, **kwargs: Any) -> None:
        kwargs["initial"] = {"version": article.version, **self.initial_of(article)}
        super().__init__(*args, **kwargs)

    def initial_of(self, article: Article) -> dict[str, Any]:
        return {}


class PublishForm(VersionForm):
    """When it becomes public, and until when."""

    at = _moment("发布时间", "不填即立即发布；填写以后的时间即定时发布。")
    until = _moment("撤下时间", "不填即长期有效；到时间自动撤下。")

    def initial_of(self, article: Article) -> dict[str, Any]:
        return {"until": article.withdraw_at and localtime(article.withdraw_at)}


class EndForm(VersionForm):
    until = _moment("撤下时间", "清空即长期有效。")

    def initial_of(self, article: Article) -> dict[str, Any]:
        return {"until": article.withdraw_at and localtime(article.withdraw_at)}


class WithdrawForm(VersionForm):
    reason = _text("撤下原因", 200, "供以后查考，不公开。", required=True)


class ReturnForm(VersionForm):
    reason = _text("退回意见", 200, "撰写人在通知中看到。", required=True)


class MoveForm(VersionForm):
    """Section and address; an article of a district or bureau stays in its section."""

    section = forms.ChoiceField(label="栏目", choices=CITY_CHOICES)
    slug = _text("网址", 60, "小写字母、数字和连字符。原来的网址会自动转到新的网址。", spellcheck="false")

    def initial_of(self, article: Article) -> dict[str, Any]:
        return {"section": article.section, "slug": article.slug}

    def __init__(self, *args: Any, article: Article, **kwargs: Any) -> None:
        super().__init__(*args, article=article, **kwargs)
        if article.local:
            del self.fields["section"]

    def clean(self) -> dict[str, Any]:
        return {"section": Section.LOCAL.value} | self.cleaned_data
