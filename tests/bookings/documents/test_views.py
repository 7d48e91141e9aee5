"""Documents are added and removed on the page 「图片和资料」, and sent to whoever sees the programme."""

import pytest
from django.core.files.base import ContentFile
from django.urls import reverse

from gonghui.bookings.models import Document
from tests.bookings.offers import drafted, published
from tests.bookings.shown import document_file, documented

pytestmark = pytest.mark.django_db


def at(name: str, pk) -> str:
    return reverse(f"bookings:{name}", args=[pk])


@pytest.fixture
def admin(client, cast):
    client.force_login(cast.district_admin)
    return client


def test_a_document_is_added_and_removed(admin, cast):
    programme = drafted(cast)
    page = admin.post(at("document_add", programme.pk), {"file": document_file(2)}, follow=True).text
    for words in ("已添加资料“行程单”，2 页", "脚本、表单等没有保留", "1 / 6"):
        assert words in page
    document = Document.objects.get()
    assert "删除资料“行程单”（2 页）" in admin.get(at("document_remove", document.pk)).text
    assert "已删除资料“行程单”" in admin.post(at("document_remove", document.pk), follow=True).text
    assert admin.post(at("document_remove", document.pk)).status_code == 404


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({"title": "行程单"}, "请先选择文件"),
        ({"title": "行程单", "file": ContentFile(b"GIF89a", "a.pdf")}, "只能上传 PDF 文件"),
        ({"title": "行程单", "file": ContentFile(b"%PDF-" + bytes(11 * 1024 * 1024), "a.pdf")}, "文件超过上限 10 MB"),
    ],
    ids=["none", "no PDF", "too large"],
)
def test_what_is_wrong_is_said_at_the_file_and_the_title_stays(admin, cast, sent, words):
    page = admin.post(at("document_add", drafted(cast).pk), sent)
    assert page.status_code == 422
    form = page.context["form"]
    assert words in "".join(form.errors["file"])
    assert form["title"].value() == "行程单"


def test_it_is_sent_as_a_download_to_whoever_sees_the_programme(client, cast):
    document = documented(published(cast), by=cast.district_admin)
    for who, status in (("officer", 200), ("reviewer", 200), ("far_officer", 404), ("bureau_admin", 404)):
        client.force_login(getattr(cast, who))
        answer = client.get(at("document", document.pk))
        assert answer.status_code == status, who
        if status == 200:
            assert answer.content == bytes(document.content)
            assert answer["Content-Type"] == "application/pdf"
            assert answer["Content-Disposition"].startswith("attachment")
            assert "sandbox" in answer["Content-Security-Policy"]
            assert "no-store" in answer["Cache-Control"]


def test_of_a_draft_only_its_publisher_gets_it(client, cast):
    document = documented(drafted(cast), by=cast.district_admin)
    for who, status in (("district_admin", 200), ("officer", 404), ("platform_admin", 404)):
        client.force_login(getattr(cast, who))
        assert client.get(at("document", document.pk)).status_code == status, who
