"""The pages of an export: asked for, followed, downloaded, marked as reported (SPEC 3.10)."""

import pytest
from django.urls import reverse

from gonghui.national.exports import actions
from gonghui.national.models import Export
from gonghui.national.states import ExportState
from tests.factories import live, make_member
from tests.national.stories import asked, exported

pytestmark = pytest.mark.django_db


def address(name: str, *args: object) -> str:
    return reverse(f"national:{name}", args=args)


def test_purpose_and_confirmation_are_asked_for_and_what_was_typed_stays(cast, client):
    make_member(cast.union)
    client.force_login(cast.officer)
    answer = client.post(address("ask", "member"), {"purpose": "填报采集表"})
    assert answer.status_code == 422
    text = answer.content.decode()
    assert "请勾选“确认因工作需要导出”" in text
    assert "填报采集表" in text
    assert not Export.objects.exists()
    answer = client.post(address("ask", "member"), {"purpose": "填报采集表", "confirmed": "on"}, follow=True)
    assert "正在生成" in answer.content.decode()


def test_a_refusal_is_told_in_the_form(cast, client):
    client.force_login(cast.officer)
    answer = client.post(address("ask", "member"), {"purpose": "填报采集表", "confirmed": "on"})
    assert answer.status_code == 422
    assert "没有可以填入采集表的资料" in answer.content.decode()


def test_an_unknown_form_is_not_found(cast, client):
    client.force_login(cast.officer)
    assert client.get(address("ask", "nothing")).status_code == 404


def test_while_it_is_built_there_is_progress_and_no_file(cast, client):
    make_member(cast.union)
    export = asked(cast.officer)
    export.files.create(position=1, name="半份.xlsx", rows=1, size=1, digest="", content_sealed=b"")
    client.force_login(cast.officer)
    text = client.get(address("export", export.pk), headers={"HX-Request": "true"}).content.decode()
    assert "<progress" in text
    assert "半份" not in text
    assert client.post(address("download", export.pk, 1)).status_code == 409


def test_a_file_is_downloaded_under_its_name(cast, client):
    make_member(cast.union)
    export = exported(cast.officer)
    client.force_login(cast.officer)
    answer = client.post(address("download", export.pk, 1))
    assert "attachment" in answer["Content-Disposition"]
    assert b"".join(answer.streaming_content).startswith(b"PK")
    assert client.post(address("download", export.pk, 2)).status_code == 409


def test_a_failed_export_leads_to_another(cast, client):
    make_member(cast.union)
    export = asked(cast.officer)
    actions.give_up(export.pk)
    client.force_login(cast.officer)
    assert "重新导出" in client.get(address("export", export.pk)).content.decode()


def test_deleted_files_are_told_with_the_way_out(cast, client):
    make_member(cast.union)
    export = exported(cast.officer)
    export.files.all().delete()
    client.force_login(cast.officer)
    assert "文件已删除" in client.get(address("export", export.pk)).content.decode()


def test_marked_from_its_page(cast, client):
    make_member(cast.union)
    export = exported(cast.officer)
    client.force_login(cast.officer)
    assert "登记为已上报" in client.get(address("export", export.pk)).content.decode()
    client.post(address("mark", export.pk))
    assert live(export).state == ExportState.MARKING


@pytest.mark.parametrize("who", ["neighbour_officer", "district_admin", "reviewer", "viewer", "newcomer"])
def test_another_unions_export_is_not_found(cast, client, who):
    """The file is for the union that asked for it: a superior exports its own."""
    make_member(cast.union)
    export = exported(cast.officer)
    client.force_login(getattr(cast, who))
    assert client.get(address("export", export.pk)).status_code == 404
    for post in (address("download", export.pk, 1), address("mark", export.pk)):
        assert client.post(post).status_code == 404


@pytest.mark.parametrize("who", ["viewer", "newcomer", "claimant"])
def test_for_whom_may_not_export_its_pages_do_not_exist(cast, client, who):
    client.force_login(getattr(cast, who))
    assert client.get(address("exports")).status_code == 404
    assert client.get(address("ask", "member")).status_code == 404
