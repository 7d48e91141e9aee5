"""Parsing of 「门户设置」."""

from typing import Any

from django import forms

from gonghui.kit.forms import date_input
from gonghui.publishing.models import Site


class SiteForm(forms.Form):
    """How the city runs the public pages."""

    second_person = forms.BooleanField(
        label="文章和下载须由第二人发布",
        required=False,
        help_text="撰写或上传的人不能自己发布：提交后由另一名管理员复核、发布或退回。",
    )
    grey_from = forms.DateField(
        label="灰色模式开始日期", required=False, widget=date_input(),
        help_text="公众页面在这些天里不显示彩色，用于公祭日和国家哀悼日。两个日期都不填即不启用。",
    )  # fmt: skip
    grey_until = forms.DateField(label="灰色模式结束日期", required=False, widget=date_input())

    def __init__(self, *args: Any, site: Site, **kwargs: Any) -> None:
        kwargs["initial"] = {name: getattr(site, name) for name in ("second_person", "grey_from", "grey_until")}
        super().__init__(*args, **kwargs)
