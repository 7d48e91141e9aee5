"""The forms of an uploaded file, and of the grid of its errors."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.http import QueryDict

from gonghui.kit.forms import row_id
from gonghui.kit.paging import SIZES
from gonghui.kit.uploads import MAX_UPLOAD_BYTES

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

_TOO_LARGE = (
    f"文件超过上限 {MAX_UPLOAD_BYTES // 1024 // 1024} MB，没有上传。"
    "请删除图片和多余的格式（可把数据复制到新下载的模板中），或拆分成几个文件分别上传。"
)


class UploadForm(forms.Form):
    """One workbook. The engine checks its contents."""

    file = forms.FileField(
        label="选择导入文件",
        widget=forms.FileInput(
            attrs={
                "accept": f".xlsx,{XLSX}",
                "data-max-bytes": MAX_UPLOAD_BYTES,  # checked before an upload that may take an hour
                "data-too-large": _TOO_LARGE,
            }
        ),
        allow_empty_file=True,
        max_length=255,
        error_messages={"max_length": "文件名太长，请改短后再上传。"},
    )

    def __init__(self, *args: Any, too_large: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        missing = "请先选择填写好的 Excel 文件（.xlsx）。"
        self.fields["file"].error_messages["required"] = _TOO_LARGE if too_large else missing


MAX_TYPED = 500
"""Maximum length of one cell's text, in characters."""
EMPTY = "-"
"""Typed for many cells at once: they become empty."""


@dataclass(frozen=True)
class TypedGrid:
    """The changes in the grid: new texts by row and column, rows to leave out, and in ``same``, by (column, wrong
    text), the new text for all cells of the workbook with that error.
    """

    cells: Mapping[int, Mapping[str, str]] = field(default_factory=dict)
    out: Collection[int] = ()
    same: Mapping[tuple[str, str], str] = field(default_factory=dict)

    @property
    def rows(self) -> set[int]:
        return {*self.cells, *self.out}


def read_grid(data: QueryDict, keys: Collection[str]) -> TypedGrid:
    """Reads the posted grid.

    Fields are ``c-3-mobile``, with the initial value ``was-3-mobile``; ``out-3``; ``same-0``, with ``of-0``. Ignores
    other fields, unknown columns, and more rows than a page can show.
    """
    cells: dict[int, dict[str, str]] = {}
    out: set[int] = set()
    same: dict[tuple[str, str], str] = {}
    for name in data:
        sort, _, place = name.partition("-")
        text = str(data[name])[:MAX_TYPED]
        if sort == "same":
            key, _, value = data.get(f"of-{place}", "").partition(":")
            if text.strip() and key in keys:
                same[key, value] = "" if text.strip() == EMPTY else text
            continue
        number, _, key = place.partition("-")
        row = row_id(number)
        if not row or (row not in cells and row not in out and len({*cells, *out}) >= SIZES[-1]):
            continue
        if sort == "out" and text:
            out.add(row)
        elif sort == "c" and key in keys and text != data.get(f"was-{place}", ""):
            cells.setdefault(row, {})[key] = text
    return TypedGrid(cells, out, same)
