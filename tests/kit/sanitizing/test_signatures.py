"""A file is what its first bytes say; whoever sends another is told what it is and what to do."""

import pytest

from gonghui.kit.errors import Refused
from gonghui.kit.sanitizing import sanitize
from gonghui.kit.sanitizing.signatures import type_of
from gonghui.kit.uploads import MAX_UPLOAD_BYTES
from tests.scans import EICAR, heic, jpeg, pdf, png


def test_a_scan_is_known_by_its_content():
    assert [type_of(data) for data in (jpeg(), png(), pdf(), b"junk before\n" + pdf())] == ["jpeg", "png", "pdf", "pdf"]


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (EICAR, "不是扫描件"),
        (b"GIF89a" + bytes(50), "GIF 图片"),
        (heic(), "HEIC"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>", "SVG"),
        (b"\xef\xbb\xbf <?xml version='1.0'?><!-- x --><svg/>", "SVG"),
        (b"<!doctype html><script>1</script>", "网页"),
        (b"PK\3\4" + bytes(50), "Office"),
        (b"MZ" + bytes(50), "程序"),
        (b"\x89PNG", "不是扫描件"),
    ],
)
def test_what_is_no_scan_is_told_for_what_it_is_with_the_remedy(data: bytes, told: str):
    with pytest.raises(Refused, match=told) as refused:
        type_of(data)
    assert "请" in refused.value.sentence


def test_nothing_and_too_much_are_refused_before_a_child_is_started(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("gonghui.kit.children._child", None)
    with pytest.raises(Refused, match="空的"):
        sanitize(b"")
    with pytest.raises(Refused, match="超过上限 10 MB"):
        sanitize(bytes(MAX_UPLOAD_BYTES + 1))
