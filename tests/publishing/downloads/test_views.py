"""The pages of downloads."""

import pytest
from django.core.files.base import ContentFile

from gonghui.publishing.models import Download
from tests.publishing.stories import colleague, two_persons, uploaded_file, workbook

pytestmark = pytest.mark.django_db


def test_a_file_and_its_next_version_are_uploaded_by_the_pages(client, cast):
    client.force_login(cast.platform_admin)
    data = {"title": "样张", "note": "供参考", "file": ContentFile(workbook(), "a.xlsx")}
    page = client.post("/publishing/downloads/new/", data, follow=True).text
    assert "已上传「样张」" in page
    path = f"/publishing/downloads/{Download.objects.get().pk}/"
    page = client.post(path, {"file": ContentFile(workbook("二"), "a.xlsx")}, follow=True).text
    assert "已上传第 2 版，已发布" in page
    page = client.post(path, {"file": ContentFile(b"MZ", "a.exe")})
    assert (page.status_code, "只能发布 PDF" in page.text) == (422, True)
    client.post(f"{path}withdraw/", {"withdrawn": "1"})
    assert client.get(f"/downloads/{Download.objects.get().pk}/").status_code == 404


def test_a_second_person_publishes_by_the_page(client, cast):
    two_persons()
    download, other = uploaded_file(cast), colleague(cast)
    assert client.get(f"/downloads/{download.pk}/").status_code == 404
    client.force_login(other)
    version = download.versions.get()
    assert (
        f"/publishing/downloads/versions/{version.pk}/publish/"
        in client.get(f"/publishing/downloads/{download.pk}/").text
    )
    client.post(f"/publishing/downloads/versions/{version.pk}/publish/")
    assert client.get(f"/downloads/{download.pk}/").status_code == 200


@pytest.mark.parametrize("rows", [3, 60])
def test_the_list_asks_as_many_queries_for_60_rows_as_for_3(client, cast, rows, django_assert_max_num_queries):
    Download.objects.bulk_create(Download(title=f"第 {n} 份", made_by=cast.platform_admin) for n in range(rows))
    client.force_login(cast.platform_admin)
    client.get("/publishing/downloads/")
    with django_assert_max_num_queries(16):
        assert client.get("/publishing/downloads/?size=100").status_code == 200
