"""Parsing of the pages of downloads."""

from typing import Any

from django import forms

from gonghui.kit.uploads import MAX_UPLOAD_BYTES
from gonghui.publishing.downloads.files import TOO_LARGE
from gonghui.publishing.models import MAX_TITLE


class VersionFileForm(forms.Form):
    """One file."""

    file = forms.FileField(
        label="文件",
        help_text="PDF、Word（.docx）或 Excel（.xlsx），最大 10 MB。",
        widget=forms.FileInput(
            attrs={"accept": ".pdf,.docx,.xlsx", "data-max-bytes": MAX_UPLOAD_BYTES, "data-too-large": TOO_LARGE}
        ),
        allow_empty_file=True,
        max_length=255,
        error_messages={"max_length": "文件名太长，请改短后再上传。"},
    )

    def __init__(self, *args: Any, too_large: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["file"].error_messages["required"] = TOO_LARGE if too_large else "请先选择文件。"


class DownloadForm(VersionFileForm):
    """A file with its title, under which later versions follow."""

    title = forms.CharField(
        label="名称", max_length=MAX_TITLE, widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text="例如 基层工会换届选举材料样张。以后的新版本沿用这个名称。",
    )  # fmt: skip
    note = forms.CharField(
        label="说明", required=False, max_length=200, widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text="显示在下载专区，例如用途和填写方法。",
    )  # fmt: skip
    field_order = ["title", "note", "file"]
