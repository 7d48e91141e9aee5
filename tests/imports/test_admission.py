"""Who may upload now, as the pages show it (SPEC 3.4)."""

from django.urls import reverse

from gonghui.imports import admission
from gonghui.imports.models import Batch
from gonghui.unions.models import UnionState
from tests.imports.test_pages import send, text_of
from tests.workbooks import member_row, saved, workbook


def test_dissolved_union_keeps_its_history_but_uploads_no_more(officer, cast):
    send(officer, saved(workbook([member_row(1, mobile="1")])))
    cast.union.state = UnionState.DISSOLVED
    cast.union.save()
    assert "会员.xlsx" in text_of(officer.get(reverse("imports:upload", args=["members"])))
    assert send(officer, saved(workbook([member_row(1)]))).status_code == 422


def test_the_page_leads_to_the_imports_that_wait_when_no_more_may(officer, monkeypatch):
    monkeypatch.setattr(admission, "MAX_WAITING", 1)
    wrong = saved(workbook([member_row(1, mobile="1")]))
    assert send(officer, wrong).status_code == 302
    waiting = reverse("imports:batch", args=[Batch.objects.get().pk])
    refused = send(officer, wrong, "第二个.xlsx")
    assert refused.status_code == 422
    assert "已有 1 个导入等待处理，没有接收这个文件" in text_of(refused)
    assert text_of(refused).count(f'href="{waiting}"') == 2  # above, and in the history
