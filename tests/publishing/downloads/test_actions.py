"""Files for the public: known by their content, in versions, published by a second person where the city says so."""

import pytest
from django.core.files.base import ContentFile

from gonghui.audit.models import Entry
from gonghui.kit.errors import Refused
from gonghui.publishing.downloads.actions import (
    add_version,
    count_download,
    create_download,
    publish_version,
    set_withdrawn,
)
from gonghui.publishing.models import Download
from gonghui.publishing.queries import public_downloads
from tests.publishing.stories import colleague, two_persons, uploaded_file, workbook
from tests.scans import pdf

pytestmark = pytest.mark.django_db


def file(words: str = "第二版") -> ContentFile:
    return ContentFile(workbook(words), "a.xlsx")


def test_a_file_has_versions_a_size_a_checksum_and_a_count(cast):
    download = uploaded_file(cast)
    second = add_version(download, file(), by=cast.platform_admin)
    assert (second.number, second.kind, len(second.sha256)) == (2, "xlsx", 64)
    count_download(second)
    (shown,) = public_downloads()
    assert (shown.newest.number, shown.newest.count, shown.newest.size) == (2, 1, second.size)
    verbs = list(Entry.objects.filter(verb__startswith="download.").order_by("pk").values_list("verb", flat=True))
    assert verbs == ["download.created", *["download.uploaded", "download.published"] * 2]


def test_the_same_file_again_is_refused(cast):
    download = uploaded_file(cast)
    same = bytes(download.versions.get().content)
    with pytest.raises(Refused, match="和第 1 版完全相同"):
        add_version(download, ContentFile(same, "b.xlsx"), by=cast.platform_admin)


def test_another_person_publishes_where_the_city_says_so(cast):
    two_persons()
    download, other = uploaded_file(cast), colleague(cast)
    version = download.versions.get()
    assert public_downloads() == []
    with pytest.raises(Refused, match="须由上传人以外的另一名管理员发布"):
        publish_version(version, by=cast.platform_admin)
    publish_version(version, by=other)
    assert public_downloads() == [download]
    with pytest.raises(Refused, match="已经发布"):
        publish_version(version, by=other)


def test_a_file_is_withdrawn_and_put_back(cast):
    download = uploaded_file(cast)
    set_withdrawn(download, True, by=cast.platform_admin)
    assert public_downloads() == []
    with pytest.raises(Refused, match="已经撤下"):
        set_withdrawn(download, True, by=cast.platform_admin)
    set_withdrawn(download, False, by=cast.platform_admin)
    assert public_downloads() == [download]


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "是空的"),
        (b"MZ\x90\x00 program", "只能发布 PDF"),
        (b"<html><script>alert(1)</script>", "只能发布 PDF"),
        (b"PK\x03\x04 something.zip", "只能发布 PDF"),
        (b"PK\x03\x04 word/document.xml word/vbaProject.bin", "带有宏"),
        (b"%PDF-1.7 broken", "已损坏"),
        (b"%PDF-" + b"0" * (10 * 1024 * 1024), "超过上限 10 MB"),
    ],
    ids=["empty", "program", "page", "archive", "macros", "broken", "large"],
)
def test_a_file_is_what_its_content_says(cast, data, sentence):
    with pytest.raises(Refused, match=sentence):
        create_download("样张", "", ContentFile(data, "a.pdf"), by=cast.platform_admin)
    assert not Download.objects.exists()


def test_a_pdf_is_written_anew(cast):
    download = create_download("办法", "", ContentFile(pdf(), "a.pdf"), by=cast.platform_admin)
    version = download.versions.get()
    assert version.kind == "pdf"
    assert bytes(version.content) != pdf()


def test_only_editors_upload_and_a_title_is_there(cast):
    with pytest.raises(Refused, match="市总工会的管理员"):
        create_download("样张", "", file(), by=cast.reviewer)
    with pytest.raises(Refused, match="没有开通门户栏目"):
        create_download("样张", "", file(), by=cast.district_admin)
    with pytest.raises(Refused, match="请填写名称"):
        create_download(" ", "", file(), by=cast.platform_admin)
