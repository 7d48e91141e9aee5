"""Of a PDF nothing is kept but what its pages show."""

from io import BytesIO

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name

from gonghui.kit.errors import Refused
from gonghui.kit.sanitizing import pdfs, sanitize
from tests.scans import arm, bomb, pdf


def unpacked(data: bytes) -> bytes:
    """Every object of the file in the open."""
    with pikepdf.open(BytesIO(data)) as opened:
        file = BytesIO()
        opened.save(
            file, stream_decode_level=pikepdf.StreamDecodeLevel.generalized, compress_streams=False,
            object_stream_mode=pikepdf.ObjectStreamMode.disable,
        )  # fmt: skip
        return file.getvalue()


ARMS = [
    b"/JS", b"/JavaScript", b"/OpenAction", b"/AA", b"/Launch", b"/SubmitForm", b"/URI", b"/EmbeddedFile", b"/EF", b"/XFA",
    b"/AcroForm", b"/Annots", b"/Names", b"/Metadata", b"SCRIPT", b"evil", b"EMBEDDED", b"AUTHORNAME",
]  # fmt: skip


def test_scripts_actions_forms_embedded_files_and_metadata_are_gone():
    sent = pdf(arm)
    for arm_ in ARMS:
        assert arm_ in unpacked(sent), arm_
    clean = sanitize(sent)
    assert (clean.type, clean.pages, clean.width) == ("pdf", 1, None)
    for arm_ in ARMS:
        assert arm_ not in unpacked(clean.data), arm_


def test_the_seal_of_a_signature_stays_to_be_seen():
    def sign(made: pikepdf.Pdf) -> None:
        look = pikepdf.Stream(
            made, b"0 0 9 9 re f % SEALDRAWN", Type=Name.XObject, Subtype=Name.Form, BBox=Array([0, 0, 9, 9])
        )
        seal = Dictionary(
            Type=Name.Annot,
            Subtype=Name.Stamp,
            Rect=Array([0, 0, 9, 9]),
            F=4,
            AP=Dictionary(N=made.make_indirect(look)),
        )
        made.pages[0].obj.Annots = Array([made.make_indirect(seal)])

    clean = unpacked(sanitize(pdf(sign)).data)
    assert b"SEALDRAWN" in clean
    assert b"/Annots" not in clean


def test_the_data_of_a_picture_from_another_file_is_not_asked_for():
    def refer(made: pikepdf.Pdf) -> None:
        far = pikepdf.Stream(
            made, b"x", Type=Name.XObject, Subtype=Name.Image, Width=1, Height=1, F="//evil.example.test/x"
        )
        made.pages[0].obj.Resources = Dictionary(XObject=Dictionary(F=made.make_indirect(far)))

    clean = unpacked(sanitize(pdf(refer)).data)
    assert b"evil" not in clean
    assert b"/Width 1" in clean  # the picture called F is there: only its own key of that name went


def test_a_locked_pdf_is_told_and_one_that_is_only_protected_is_taken():
    with pytest.raises(Refused, match=r"打开密码.*请取消密码"):
        sanitize(pdf(encryption=pikepdf.Encryption(owner="a", user="b")))
    clean = sanitize(pdf(encryption=pikepdf.Encryption(owner="a", user="")))
    assert b"/Encrypt" not in unpacked(clean.data)


def test_a_page_that_unpacks_to_gigabytes_is_refused():
    sent = pdf(bomb)
    assert len(sent) < 3_000_000
    with pytest.raises(Refused, match=r"展开后的内容太多.*请"):
        sanitize(sent)


@pytest.mark.parametrize(("size", "told"), [(20_000, "展开后的内容太多"), (5_000, "")])
def test_a_picture_inside_may_have_so_many_pixels(size: int, told: str):
    def draw(made: pikepdf.Pdf) -> None:
        one = pikepdf.Stream(made, b"x", Type=Name.XObject, Subtype=Name.Image, Width=size, Height=size)
        made.pages[0].obj.Resources = Dictionary(XObject=Dictionary(I=made.make_indirect(one)))

    if told:
        with pytest.raises(Refused, match=told):
            sanitize(pdf(draw))
    else:
        assert sanitize(pdf(draw)).pages == 1


def test_pages_are_counted():
    assert sanitize(pdf(pages=3)).pages == 3
    with pytest.raises(Refused, match=f"{pdfs.MAX_PAGES + 1} 页，超过上限"):
        sanitize(pdf(pages=pdfs.MAX_PAGES + 1))


@pytest.mark.parametrize(
    "data",
    [
        b"%PDF-1.7",
        b"%PDF-1.7\n%%EOF",
        pdf()[:200],
        b"%PDF-1.4\n1 0 obj\n" + b"[" * 100_000,
        pdf().replace(b"/Pages", b"/Peges"),
    ],
)
def test_a_broken_pdf_is_refused_with_the_remedy(data: bytes):
    with pytest.raises(Refused, match="请重新扫描"):
        sanitize(data)
