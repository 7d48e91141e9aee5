"""The style sheets: small parts in layers, one file for browsers."""

import re
import shutil
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.storage import FileSystemStorage

from gonghui.kit.static import STYLES, Storage

STATIC = settings.PACKAGE / "static"
PARTS = sorted((STATIC / "css").iterdir())
MAX_LINES = 300


@pytest.mark.parametrize("path", PARTS, ids=lambda path: path.name)
def test_a_part_is_short_and_for_screens_where_it_is_narrow(path: Path):
    lines = path.read_text().splitlines()
    assert len(lines) < MAX_LINES
    assert [line for line in lines if len(line) > 120] == []
    assert [line for line in lines if re.match(r"\s*@media \((?:max|min)-width", line)] == []


def test_each_part_stands_in_one_layer():
    style = (STATIC / "gonghui.css").read_text()
    assert sorted(re.findall(r'@import url\("css/([^"]+)"\) layer', style)) == [path.name for path in PARTS]
    (order,) = re.findall(r"@layer ([\w, ]+);", style)
    layers = re.findall(r"layer\((\w+)\)", style)
    assert list(dict.fromkeys(["vendor", *layers])) == order.split(", ")


def test_what_is_served_is_one_file_a_style_sheet(tmp_path):
    source, collected = FileSystemStorage(STATIC), Storage(tmp_path, "/static/")
    for name in STYLES:
        shutil.copy(STATIC / name, tmp_path)
    for _ in range(2):  # collected again, too
        list(collected.post_process({name: (source, name) for name in STYLES}))
        for name in STYLES:
            (served,) = (path.read_text() for path in tmp_path.glob(name.replace(".", ".*.", 1)))
            assert "@import" not in served
            assert "@charset" not in served
            assert served.count("@layer vendor {") == (2 if name == "vendor.css" else 0)
