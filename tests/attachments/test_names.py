"""What a file is called here, whatever was sent as its name."""

import pytest

from gonghui.attachments.names import LONGEST, clean_name


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("营业执照.PDF", "营业执照.pdf"),
        ("../../etc/passwd", "passwd.pdf"),
        (r"C:\扫描件\批复.pdf", "批复.pdf"),
        ("a\r\nContent-Type: text/html\0.pdf", "html.pdf"),
        ("\u202efdp.exe", "fdp.pdf"),
        ('x"; filename="evil.html', "x_; filename=_evil.pdf"),
        ("photo.jpg.exe", "photo.jpg.pdf"),
        ("", "附件.pdf"),
        (".pdf", "pdf.pdf"),
        (" . . ", "附件.pdf"),
    ],
)
def test_a_name_is_one_that_can_be_seen_and_leads_nowhere(sent: str, kept: str):
    assert clean_name(sent, "pdf") == kept


def test_a_name_is_cut_and_keeps_the_ending_of_what_the_file_is():
    assert clean_name("长" * 500 + ".exe", "jpeg") == "长" * (LONGEST - 4) + ".jpg"
