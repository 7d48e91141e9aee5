"""Uploading while a form is filled in, and the download."""

import logging
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from gonghui.attachments import actions
from gonghui.attachments.models import Attachment
from gonghui.audit.models import Entry
from gonghui.kit.middleware import MAX_BODY_BYTES
from gonghui.kit.uploads import MAX_UPLOAD_BYTES
from tests.attachments.stories import NAME, attached, collected, file
from tests.factories import make_member
from tests.scans import EICAR, bomb, heic, jpeg, pdf, png, png_head
from tests.transfers.stories import offered

ADD = reverse("attachments:add")


def sent(client: Client, *files: SimpleUploadedFile, kind: str = "amendment", scan: str = "licence"):
    return client.post(ADD, {"kind": kind, "about": "", "scan": scan, "attachment": files})


def test_a_file_is_kept_and_the_list_comes_back(officer):
    response = sent(officer, file(), file(jpeg(), "批复.jpg"))
    assert response.status_code == 200
    assert "营业执照.png" in response.text
    assert "60×40 像素" in response.text
    assert Attachment.objects.count() == 2


HOSTILE = {
    "a virus's signature": (EICAR, "a.pdf", "不是扫描件"),
    "nothing": (b"", "a.pdf", "空的"),
    "an SVG": (b"<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>", "a.png", "SVG"),
    "a web page": (b"<!doctype html><script>1</script>", "a.jpg", "网页"),
    "a GIF": (b"GIF89a" + bytes(99), "a.png", "GIF"),
    "a HEIC": (heic(), "a.jpg", "HEIC"),
    "400 megapixels": (png_head(20_000, 20_000), "a.png", "像素，超过上限"),
    "a bomb": (pdf(bomb), "a.pdf", "展开后的内容太多"),
    "half a picture": (jpeg()[:300], "a.jpg", "读不出来"),
    "half a PDF": (pdf()[:100], "a.pdf", "已损坏"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_not_taken_is_told_with_the_remedy_and_nothing_is_kept(officer, name: str):
    data, called, told = HOSTILE[name]
    response = sent(officer, SimpleUploadedFile(called, data))
    assert response.status_code == 422
    assert told in response.text
    assert f"“{called}”没有上传：" in response.text
    assert "请" in response.text
    assert not Attachment.objects.exists()


def test_a_picture_that_is_a_page_as_well_is_kept_as_a_picture_alone(officer, cast):
    page = b"<html><script>alert(1)</script></html>"
    assert sent(officer, file(jpeg(comment=page) + page, "a.html")).status_code == 200
    one = Attachment.objects.get()
    assert one.name == "a.jpg"
    response = officer.get(reverse("attachments:download", args=[one.pk]))
    assert b"script" not in response.content
    assert response["Content-Type"] == "image/jpeg"


def test_a_file_over_ten_megabytes_is_cut_off_and_told(officer):
    response = sent(officer, file(bytes(MAX_UPLOAD_BYTES + 1)))
    assert response.status_code == 422
    assert "超过 10 MB，没有上传。请" in response.text


def test_two_hundred_megabytes_are_refused_unread(officer):
    class Unread(BytesIO):
        def read(self, *_: int) -> bytes:
            raise AssertionError("read")

    kind = "multipart/form-data; boundary=x"
    response = officer.generic(
        "POST", ADD, b"", kind, CONTENT_LENGTH=str(200 * 1024 * 1024), **{"wsgi.input": Unread()}
    )
    assert MAX_BODY_BYTES < 200 * 1024 * 1024
    assert response.status_code == 413
    assert "请" in response.text


@pytest.mark.parametrize(
    "name",
    [
        "../../etc/passwd",
        "a\r\nX-Evil: 1.png",
        "长" * 500 + ".png",
        "\u202egnp.exe",
        '"; filename=evil.html',
        "名\x07字.png",
    ],
)
def test_no_name_leads_anywhere_or_ends_a_header(officer, name: str):
    assert sent(officer, file(name=name)).status_code == 200
    one = Attachment.objects.get()
    assert len(one.name) <= 100
    response = officer.get(reverse("attachments:download", args=[one.pk]))
    assert response.status_code == 200
    assert "X-Evil" not in response.headers
    assert ".png" in response["Content-Disposition"]
    assert one.name in officer.get(reverse("filings:amend")).text.replace("&quot;", '"').replace("&#x27;", "'")


def test_no_file_is_nothing(officer):
    response = officer.post(ADD, {"kind": "amendment", "scan": "licence"})
    assert response.status_code == 422
    assert "请先选择文件" in response.text


def test_the_eleventh_is_refused(officer, monkeypatch):
    monkeypatch.setattr(actions, "MOST", 1)
    response = sent(officer, file(), file(name="b.png"))
    assert response.status_code == 422
    assert "“b.png”没有上传：一项申请最多 1 个附件" in response.text
    assert "营业执照.png" in response.text


def test_what_is_not_sent_yet_is_removed(officer, cast):
    one = collected(cast.officer)
    response = officer.post(reverse("attachments:remove", args=[one.pk]))
    assert response.status_code == 200
    assert "营业执照.png" not in response.text
    assert not Attachment.objects.exists()


def test_a_scan_is_sent_as_a_download_and_nothing_else(client, cast, caplog):
    _, one = attached(cast)
    client.force_login(cast.reviewer)
    with caplog.at_level(logging.INFO):
        response = client.get(reverse("attachments:download", args=[one.pk]))
    assert response.status_code == 200
    assert response.content == one.content
    assert response["Content-Type"] == "image/png"
    assert response["Content-Disposition"].startswith("attachment; filename")
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in response["Cache-Control"]
    assert "sandbox" in response["Content-Security-Policy"].split("; ")
    assert Entry.objects.filter(verb="attachment.downloaded", actor=cast.reviewer, object_id=one.pk).count() == 1
    assert NAME.removesuffix(".png") not in caplog.text


def test_out_of_scope_there_is_no_such_file(client, cast):
    _, one = attached(cast)
    for who in (cast.neighbour_officer, cast.other_reviewer, cast.bureau_admin, cast.claimant):
        client.force_login(who)
        assert client.get(reverse("attachments:download", args=[one.pk])).status_code == 404
    assert not Entry.objects.filter(verb="attachment.downloaded").exists()


def test_the_reviewer_sees_what_is_attached(client, cast):
    review, one = attached(cast)
    client.force_login(cast.reviewer)
    page = client.get(reverse("reviews:review", args=[review.pk])).text
    for shown in (NAME, "营业执照", "60×40 像素", str(cast.officer), reverse("attachments:download", args=[one.pk])):
        assert shown in page


def test_ten_attachments_ask_as_many_queries_as_one(client, cast):
    review, one = attached(cast)
    client.force_login(cast.reviewer)
    address = reverse("reviews:review", args=[review.pk])
    client.get(address)
    with CaptureQueriesContext(connection) as few:
        client.get(address)
    for _ in range(9):
        other = collected(cast.officer, kind="relocation")
        Attachment.objects.filter(pk=other.pk).update(bundle=one.bundle)
    with CaptureQueriesContext(connection) as many:
        assert client.get(address).text.count("/attachments/") == 10
    assert len(many) == len(few)
    assert not any('"content_sealed"' in query["sql"] for query in many.captured_queries)


def test_both_unions_of_a_transfer_see_what_is_attached(client, cast):
    one = collected(cast.officer, kind="member_transfer", about="offer", scan="document")
    (transfer,) = offered(cast, make_member(cast.union))
    for who in (cast.officer, cast.neighbour_officer):
        client.force_login(who)
        page = client.get(reverse("transfers:view", args=[transfer.pk])).text
        assert reverse("attachments:download", args=[one.pk]) in page
        assert client.get(reverse("attachments:download", args=[one.pk])).content == one.content


def test_png_is_png(officer):
    sent(officer, file(png(), "a.jpeg"))
    assert Attachment.objects.get().name == "a.png"
