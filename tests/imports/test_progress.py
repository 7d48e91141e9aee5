"""A page shows 「正在导入」 only while an import is running (SPEC 3.4)."""

import pytest
from django.urls import reverse

from gonghui.imports import actions, job
from gonghui.imports.hooks import KINDS
from tests.markup import markup
from tests.workbooks import member_row, upload

pytestmark = pytest.mark.django_db


def test_the_page_of_a_running_import_asks_how_far_it_is_and_is_shown_anew_at_its_end(client, cast):
    batch = actions.upload_workbook(cast.union, KINDS["members"], upload([member_row(1)]), by=cast.officer)
    client.force_login(cast.officer)
    address = reverse("imports:batch", args=[batch.pk])
    assert f'id="running" role="status" hx-get="{address}"' in markup(client.get(address))
    headers = {"HX-Request": "true", "HX-Target": "running"}
    part = client.get(address, headers=headers)
    assert "<html" not in part.text
    assert ("正在导入" in part.text, "HX-Refresh" in part.headers) == (True, False)
    job.run_batch(batch.pk)
    assert client.get(address, headers=headers).headers["HX-Refresh"] == "true"
    assert "正在导入" not in client.get(address).text
