"""The members' pages (SPEC 3.1, 3.3, 3.8)."""

import io
import re

import openpyxl
import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from gonghui.audit.models import Entry
from gonghui.exports.models import Export, ExportState
from gonghui.members.models import Member
from gonghui.members.queries import Filters
from gonghui.members.register import views
from gonghui.members.register.actions import add_member, version_of
from gonghui.unions.models import Union, UnionState
from tests.factories import PASSWORD
from tests.members.people import typed, values

LIST = reverse("members:list")


@pytest.fixture
def member(cast) -> Member:
    return add_member(cast.union, values(1), by=cast.officer)


def fill(cast, count: int, first: int = 100) -> None:
    for seed in range(first, first + count):
        add_member(cast.union, values(seed), by=cast.officer)


def page(client, path: str = LIST, **query) -> str:
    response = client.get(path, query)
    assert response.status_code == 200
    return response.content.decode()


def search(client, **typed_filters) -> str:
    """Posts the filter form and follows the redirect to the list."""
    response = client.post(LIST, typed_filters, follow=True)
    assert response.status_code == 200
    return response.content.decode()


def plain(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", html))


# The list


def test_the_list_has_the_columns_and_buttons_of_the_manual(cast, member, client):
    client.force_login(cast.officer)
    html = page(client)
    headings = re.findall(r"<th scope=\"col\"[^>]*>(?:<a[^>]*>)?([^<]+)<", html)
    assert headings == [
        "会员编号", "姓名", "性别", "有效证件类型", "证件号码", "联系地址", "移动电话", "已办会员卡", "用户状态", "信息修改状态", "操作",
    ]  # fmt: skip
    for words in (
        "姓名搜索",
        "会员编号搜索",
        "身份证号搜索",
        "请选择状态",
        "查询",
        "新增会员",
        "刷新列表",
        "导出",
        "查看",
        "编辑",
    ):
        assert words in html
    assert "显示第 1 到第 1 条记录，总共 1 条记录" in plain(html)
    assert "每页显示" in html


def test_no_full_number_stands_in_the_list(cast, member, client):
    client.force_login(cast.officer)
    html = page(client)
    assert member.document_number not in html
    assert member.mobile not in html
    assert member.address not in html
    assert "no-store" in client.get(LIST).headers["Cache-Control"]


def test_a_superior_sees_all_below_with_their_unions_and_edits_nothing(cast, member, client):
    add_member(cast.neighbour, values(2), by=cast.neighbour_officer)
    add_member(cast.far, values(3), by=cast.far_officer)
    client.force_login(cast.district_admin)
    html = page(client)
    assert "所属工会" in html
    assert cast.neighbour.name in html
    assert values(3).name not in html
    assert "总共 2 条记录" in plain(html)
    assert "新增会员" not in html
    assert reverse("members:edit", args=[member.pk]) not in html


def test_a_superior_may_look_at_one_union_below(cast, member, client):
    add_member(cast.neighbour, values(2), by=cast.neighbour_officer)
    client.force_login(cast.district_admin)
    assert "总共 1 条记录" in plain(page(client, union=cast.neighbour.pk))
    for beyond in (cast.far.pk, "x", "9" * 30):
        assert client.get(LIST, {"union": beyond}).status_code == 404


def test_an_empty_list_says_what_to_do(cast, client):
    client.force_login(cast.officer)
    empty = page(client).split("还没有会员")[1]
    for way in (reverse("imports:upload", args=["members"]), reverse("members:add")):
        assert f'href="{way}"' in empty


def test_a_union_that_is_not_approved_has_no_members_page(cast, client):
    for user in (cast.newcomer, cast.claimant):
        client.force_login(user)
        assert "还不能管理会员" in page(client)


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"name": "建国"}, {"王建国", "李建国强"}),
        ({"name": "李建"}, {"李建国强"}),
        ({"name": "王"}, {"王建国", "王小明"}),
        ({"name": "国建"}, set()),
        ({"number": "0100000002"}, {"李建国强"}),
        ({"document": "{document}"}, {"王小明"}),
        ({"document": "３１０"}, set()),
        ({"status": "unattached"}, set()),
        ({"status": "normal", "name": "小"}, {"王小明"}),
        ({"name": "建"}, {"王建国", "李建国强"}),
        ({"name": "王 建国"}, {"王建国"}),
        ({"name": "\u2f29明"}, {"王小明"}),
        ({"name": "买买提•艾力"}, {"买买提·艾力"}),
        ({"name": "提艾"}, {"买买提·艾力"}),
        ({"name": "john  smith"}, {"JOHN SMITH"}),
        ({"name": "Smith, Jo"}, {"JOHN SMITH"}),
        ({"name": "·"}, set()),
        ({"number": "０１０ ０００ ０００２"}, {"李建国强"}),
    ],
)
@pytest.mark.parametrize("role", ["officer", "district_admin"])
def test_each_filter_finds_its_members(cast, client, filters, expected, role):
    names = ("王建国", "李建国强", "王小明", "买买提·艾力", "JOHN SMITH")
    for seed, name in enumerate(names):
        add_member(cast.union, values(seed, name=name), by=cast.officer)
    client.force_login(getattr(cast, role))
    html = search(client, **{key: text.format(document=typed(2)["document_number"]) for key, text in filters.items()})
    table = html[html.index('id="members"') :]
    assert {name for name in names if name in plain(table)} == expected


def test_filters_reach_neither_addresses_nor_the_page_in_full(cast, member, client):
    client.force_login(cast.officer)
    response = client.post(LIST, {"document": member.document_number, "name": member.name})
    assert response.status_code == 302
    assert member.document_number not in response.url
    assert "q=" in response.url
    html = client.get(response.url).content.decode()
    assert member.number in html
    assert member.document_number not in html


def test_a_broken_filter_in_the_address_shows_nobody(cast, member, client):
    client.force_login(cast.officer)
    token = Filters(name="没有此人").token(cast.officer)
    assert Filters.read(token, cast.officer) == Filters(name="没有此人")
    assert Filters.read(token, cast.reviewer).wrong, "it is another's"
    for broken in ("x", token[:-4], token + "AAAA", "%ff", "é"):
        assert member.number not in client.get(LIST, {"q": broken}).content.decode()


def test_htmx_gets_the_table_alone(cast, member, client):
    client.force_login(cast.officer)
    html = client.get(LIST, headers={"HX-Request": "true"}).content.decode()
    assert "<table" in html
    assert "<html" not in html
    whole = client.get(LIST, headers={"HX-Request": "true", "HX-History-Restore-Request": "true"}).content.decode()
    assert "<html" in whole


def test_the_list_takes_four_statements_however_many_rows(cast, client, django_assert_num_queries):
    client.post(reverse("account_login"), {"login": cast.officer.email, "password": PASSWORD})
    fill(cast, 10)
    page(client)  # the first page after signing in extends the session
    with django_assert_num_queries(4):
        assert "总共 10 条记录" in plain(page(client, size="100"))
    fill(cast, 90, first=200)
    with django_assert_num_queries(4):
        assert "总共 100 条记录" in plain(page(client, size="100"))


def test_a_superiors_list_takes_as_many_statements_for_100_rows_as_for_10(cast, client):
    client.force_login(cast.district_admin)
    counts = []
    for more, first in ((10, 100), (90, 200)):
        for seed in range(first, first + more):
            union, officer = (cast.union, cast.officer) if seed % 2 else (cast.neighbour, cast.neighbour_officer)
            add_member(union, values(seed), by=officer)
        cache.clear()  # the total may be a minute old
        page(client)
        with CaptureQueriesContext(connection) as captured:
            assert f"总共 {more + len(counts) * 10} 条记录" in plain(page(client, size="100"))
        counts.append(len(captured))
    assert counts[0] == counts[1]


# One member


def test_another_unions_member_is_not_found(cast, member, client):
    client.force_login(cast.neighbour_officer)
    for name in ("view", "versions", "masked", "edit"):
        assert client.get(reverse(f"members:{name}", args=[member.pk])).status_code == 404
    for name in ("reveal", "edit"):
        assert client.post(reverse(f"members:{name}", args=[member.pk])).status_code == 404
    assert not Entry.objects.filter(verb="member.revealed").exists()


def test_a_page_shows_masks_until_asked_and_records_the_look(cast, member, client):
    client.force_login(cast.officer)
    path = reverse("members:view", args=[member.pk])
    assert member.document_number not in page(client, path)
    html = client.post(reverse("members:reveal", args=[member.pk])).content.decode()
    assert member.document_number in html
    assert member.mobile in html
    assert Entry.objects.filter(verb="member.revealed", object_id=member.pk, actor=cast.officer).count() == 1
    assert client.get(reverse("members:reveal", args=[member.pk])).status_code == 405


def test_a_row_is_shown_in_full_and_masked_again(cast, member, client):
    client.force_login(cast.officer)
    htmx = {"HX-Request": "true", "HX-Target": f"member-{member.pk}"}
    shown = client.post(reverse("members:reveal", args=[member.pk]), headers=htmx).content.decode()
    assert shown.lstrip().startswith("<tr")
    assert member.document_number in shown
    masked = client.get(reverse("members:masked", args=[member.pk]), headers=htmx).content.decode()
    assert masked.lstrip().startswith("<tr")
    assert member.document_number not in masked


def test_a_viewer_has_no_button_and_is_refused(cast, member, client):
    client.force_login(cast.viewer)
    assert "显示" not in plain(page(client, reverse("members:view", args=[member.pk])))
    response = client.post(reverse("members:reveal", args=[member.pk]), headers={"HX-Request": "true"})
    assert response.status_code == 409
    assert member.document_number not in response.content.decode()


# Adding and editing


def test_adding_tells_the_number_and_offers_the_next(cast, client):
    client.force_login(cast.officer)
    html = client.post(reverse("members:add"), typed(1), follow=True).content.decode()
    assert "会员编号 0100000001" in html
    assert "继续新增" in html
    assert Member.objects.get().name == typed(1)["name"]


def test_a_wrong_value_stands_beside_its_field_and_nothing_is_lost(cast, client):
    client.force_login(cast.officer)
    response = client.post(reverse("members:add"), typed(1, document_number="310110199001010012", mobile=""))
    html = response.content.decode()
    assert response.status_code == 422
    assert "id_document_number_error" in html
    assert "请填写移动电话。" in html
    assert typed(1)["address"] in html
    assert not Member.objects.exists()


def test_a_refusal_stands_beside_its_field(cast, member, client):
    client.force_login(cast.officer)
    html = client.post(reverse("members:add"), typed(1)).content.decode()
    assert "已是本工会的会员" in html
    assert "id_document_number_error" in html


@pytest.mark.parametrize("user", ["reviewer", "platform_admin", "newcomer", "claimant"])
def test_who_may_not_add_gets_no_form(cast, client, user):
    client.force_login(getattr(cast, user))
    assert client.get(reverse("members:add")).status_code == 403
    assert client.post(reverse("members:add"), typed(1)).status_code == 403


def test_opening_the_edit_form_is_recorded_as_a_look(cast, member, client):
    client.force_login(cast.officer)
    assert member.document_number in page(client, reverse("members:edit", args=[member.pk]))
    assert Entry.objects.get(verb="member.revealed").data == {"purpose": "编辑"}


def test_an_edit_saves_and_an_old_page_does_not(cast, member, client):
    client.force_login(cast.officer)
    path, opened = reverse("members:edit", args=[member.pk]), version_of(member)
    html = client.post(path, typed(1, education="master", version=opened), follow=True).content.decode()
    assert "修改已保存" in html
    assert "硕士研究生" in html
    assert "已被修改" in client.post(path, typed(1, education="doctor", version=opened)).content.decode()
    member.refresh_from_db()
    assert member.education == "master"


def test_a_superior_cannot_edit(cast, member, client):
    client.force_login(cast.reviewer)
    assert client.get(reverse("members:edit", args=[member.pk])).status_code == 403


def test_a_dissolved_union_edits_nothing(cast, member, client):
    Union.objects.filter(pk=cast.union.pk).update(state=UnionState.DISSOLVED, member_count=0)
    client.force_login(cast.officer)
    assert client.get(reverse("members:edit", args=[member.pk])).status_code == 403


def test_the_number_fills_sex_and_birth_date_while_typing(cast, client):
    client.force_login(cast.officer)
    page = client.post(reverse("members:check"), typed(1, sex="", born_on="")).content.decode()
    assert typed(1)["born_on"] in page
    assert 'id="id_sex"' in page
    assert "hx-swap-oob" in page
    wrong = client.post(reverse("members:check"), typed(1, document_number="310110199001010012")).content.decode()
    assert "校验位不正确" in wrong
    assert "hx-swap-oob" not in wrong
    assert not client.post(reverse("members:check"), typed(1, document_number="")).content.strip()


# Versions


def test_versions_tell_who_changed_what_masked(cast, member, client):
    client.force_login(cast.officer)
    client.post(
        reverse("members:edit", args=[member.pk]),
        typed(1, education="master", mobile="19905550001", version=version_of(member)),
    )
    html = page(client, reverse("members:versions", args=[member.pk]))
    assert cast.officer.name in html
    assert "修改了 2 项" in plain(html)
    assert "大学本科" in html
    assert "硕士研究生" in html
    assert "199****0001" in html
    assert "19905550001" not in html
    assert "改动在遮盖的部分" in html


# Exporting


def workbook(response) -> list[list[str]]:
    sheet = openpyxl.load_workbook(io.BytesIO(b"".join(response.streaming_content))).active
    return [list(row) for row in sheet.iter_rows(values_only=True)]


def test_the_export_holds_what_the_list_shows(cast, member, client):
    add_member(cast.union, values(2), by=cast.officer)
    client.force_login(cast.officer)
    path = f"{reverse('members:export')}?q={Filters(number=member.number).token(cast.officer)}"
    assert "当前查询条件" in client.get(path).content.decode()
    response = client.post(path, {"numbers": "masked"})
    assert "attachment" in response.headers["Content-Disposition"]
    assert [row[0] for row in workbook(response)] == ["会员编号", member.number]


def test_full_numbers_are_exported_only_when_confirmed_and_for_a_purpose(cast, member, client):
    client.force_login(cast.officer)
    path = reverse("members:export")
    sent = {"numbers": "full", "purpose": "核对参保名单"}
    page = client.post(path, sent)
    assert page.status_code == 422
    assert "请勾选" in page.text
    assert 'value="核对参保名单"' in page.text, "what was typed is still there"
    page = client.post(path, sent | {"confirmed": "on", "purpose": ""})
    assert page.context["form"].errors["purpose"] == ["请填写导出的用途，2 到 200 个字。"]
    assert not Export.objects.exists()
    response = client.post(path, sent | {"confirmed": "on"})
    assert response.url == reverse("exports:export", args=[Export.objects.get().pk])


def test_a_long_masked_list_is_written_by_the_job(cast, member, client, monkeypatch):
    monkeypatch.setattr(views, "AT_ONCE", 0)
    client.force_login(cast.viewer)
    client.post(reverse("members:export"), {"numbers": "masked"})
    export = Export.objects.get()
    assert (export.full, export.state, export.total) == (False, ExportState.BUILDING, 1)


def test_nobody_exports_beyond_the_own_tree(cast, member, client):
    client.force_login(cast.neighbour_officer)
    response = client.post(reverse("members:export"), {"numbers": "masked"}, headers={"HX-Request": "true"})
    assert response.status_code == 409
    assert "没有可以导出的会员" in response.content.decode()
