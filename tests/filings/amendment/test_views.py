"""The pages of 「修改」, 「转移」 and 「撤销」 (SPEC 2.3 to 2.5)."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from gonghui.filings.models import Amendment, Dissolution, Relocation
from gonghui.imports.models import Batch
from gonghui.members.memberships import move
from gonghui.members.models import Member
from gonghui.reviews.actions import decide
from gonghui.unions.models import Union
from tests.factories import make_member
from tests.filings.stories import amended, dissolved, form_data, relocated
from tests.markup import markup

AMEND, RELOCATE, DISSOLVE = reverse("filings:amend"), reverse("filings:relocate"), reverse("filings:dissolve")


def text(response) -> str:
    return response.content.decode()


def test_an_approved_union_offers_the_three_acts(officer):
    page = text(officer.get(reverse("filings:own")))
    for words in (AMEND, RELOCATE, "?way=merged", "?way=left_city", "?way=closed", "撤销", "合并", "转出本市", "关闭"):
        assert words in page


def test_superiors_see_none_of_them(cast, client):
    client.force_login(cast.reviewer)
    page = text(client.get(reverse("filings:union", args=[cast.union.pk])))
    assert AMEND not in page
    assert "?way=" not in page


def test_while_a_request_waits_only_its_withdrawal_is_offered(cast, officer):
    review = amended(cast).review
    page = text(officer.get(reverse("filings:own")))
    assert AMEND not in page
    assert reverse("filings:withdraw", args=[review.pk]) in page
    for address in (AMEND, RELOCATE):
        assert officer.get(address)["Location"] == reverse("filings:own")
    assert "正在等待审核" in text(officer.get(reverse("filings:own")))


def test_amending_by_the_form(cast, officer):
    assert officer.post(AMEND, form_data(cast, leader="赵示例")).status_code == 302
    assert Amendment.objects.get().review.base["leader"] == ""
    page = text(officer.get(reverse("filings:own")))
    assert "资料修改" in page
    assert "五角场镇工会" in page
    assert "以下资料仍然有效" in page


def test_wrong_fields_are_told_and_nothing_is_sent(cast, officer):
    wrong = form_data(cast, phone="1", reelection_on="2016-01-01", leader="")
    response = officer.post(AMEND, wrong)
    assert response.status_code == 422
    for words in ("有 3 处需要修改", "换届日期应晚于建会日期", "联系电话"):
        assert words in text(response)
    assert not Amendment.objects.exists()


def test_nothing_changed_says_so_on_the_page(cast, officer):
    decide(amended(cast).review, decision="approved", opinion="", by=cast.reviewer)
    response = officer.post(AMEND, form_data(cast, address="示例路1号", industry="H", name="上海新办餐饮有限公司工会"))
    assert response.status_code == 422
    assert "完全相同" in text(response)


def test_a_draft_waits_on_the_form_and_on_the_page(cast, officer):
    officer.post(AMEND, form_data(cast, leader="", draft="1"))
    assert "没有提交的修改草稿" in text(officer.get(reverse("filings:own")))
    assert "示例路1号" in text(officer.get(AMEND))
    assert "示例路1号" not in text(officer.get(f"{AMEND}?fresh=1"))


def test_what_was_returned_is_on_the_form_again_with_the_reason(cast, officer):
    decide(amended(cast, address="新路9号").review, decision="refused", opinion="请附租赁合同。", by=cast.reviewer)
    page = text(officer.get(AMEND))
    assert "新路9号" in page
    assert "请附租赁合同。" in page
    assert "新路9号" not in text(officer.get(f"{AMEND}?fresh=1"))


def test_relocation_first_asks_the_kind_and_offers_only_targets_of_it(cast, officer):
    page = text(officer.get(RELOCATE))
    assert "区区（局局）转移" in page
    assert "区局（局区）转移" in page
    within, across = text(officer.get(f"{RELOCATE}?way=within")), text(officer.get(f"{RELOCATE}?way=across"))
    assert "新江湾城街道" in within
    assert "示例电气集团" not in within
    assert "示例电气集团" in across
    assert "新江湾城街道" not in across


def test_the_second_select_follows_the_first_and_can_be_searched(cast, officer):
    answer = text(
        officer.get(reverse("filings:superiors"), {"entrance": "bureau", "level2": cast.bureau.pk, "search": 1})
    )
    assert "示例电气集团" in answer
    assert "data-search" in answer


def test_relocating_by_the_form(cast, officer):
    data = {"level2": cast.district.pk, "superior": cast.other_street.pk, "reason": "搬迁"}
    assert officer.post(f"{RELOCATE}?way=within", data).status_code == 302
    page = text(officer.get(reverse("filings:own")))
    for words in ("组织转移", "转出方上级", "转入方上级", "五角场镇工会", "新江湾城街道工会", "等待审核"):
        assert words in page


def test_the_officer_sees_who_has_decided_and_who_is_awaited(cast, officer):
    decide(relocated(cast).review, decision="approved", opinion="", by=cast.other_reviewer)
    page = text(officer.get(reverse("filings:own")))
    assert page.count("等待审核</span>") == 1
    assert page.index("五角场镇工会</span>") < page.index("等待审核</span>")


def test_a_relocation_to_where_it_is_tells_so_beside_the_field(cast, officer):
    data = {"level2": cast.district.pk, "superior": cast.street.pk, "reason": "搬迁"}
    response = officer.post(f"{RELOCATE}?way=within", data)
    assert response.status_code == 422
    assert "现在就属于五角场镇工会" in text(response)
    assert not Relocation.objects.exists()


def test_a_target_that_the_kind_does_not_offer_cannot_be_sent(cast, officer):
    response = officer.post(f"{RELOCATE}?way=within", {"superior": cast.company.pk, "reason": "搬迁"})
    assert response.status_code == 422
    assert not Relocation.objects.exists()


def test_what_blocks_a_relocation_is_listed_with_links(cast, officer):
    batch = Batch.objects.create(
        kind="members", union=cast.union, state="queued", filename="会员.xlsx", uploaded_by=cast.officer
    )
    for page in (officer.get(RELOCATE), officer.get(f"{RELOCATE}?way=within")):
        assert "现在不能转移" in text(page)
        assert reverse("imports:batch", args=[batch.pk]) in text(page)
    assert officer.post(f"{RELOCATE}?way=within", {"superior": cast.other_street.pk, "reason": "x"}).status_code == 409
    assert reverse("imports:batch", args=[batch.pk]) in text(officer.get(f"{DISSOLVE}?way=closed"))


def test_the_impact_stands_before_the_confirmation(cast, officer):
    make_member(cast.union, has_card=True)
    page = text(officer.get(f"{DISSOLVE}?way=closed"))
    assert "撤销的影响" in page
    assert cast.union.number in page
    assert "合并到" not in page


def test_dissolving_by_the_form(cast, officer):
    data = {"reason": "注销", "confirmed": cast.union.number}
    assert officer.post(f"{DISSOLVE}?way=closed", data).status_code == 302
    page = markup(officer.get(reverse("filings:own")))
    assert "撤销（关闭）" in page
    assert "30 天内恢复" in page
    assert "会员管理" not in page
    assert AMEND not in page


def test_a_wrong_confirmation_says_so_and_changes_nothing(cast, officer):
    response = officer.post(f"{DISSOLVE}?way=closed", {"reason": "注销", "confirmed": "确认"})
    assert response.status_code == 422
    assert "不一致" in text(response)
    assert not Dissolution.objects.exists()


def test_the_heir_must_have_been_seen(cast, officer):
    data = {"into": cast.neighbour.number, "reason": "合并", "confirmed": cast.union.number}
    response = officer.post(f"{DISSOLVE}?way=merged", data)
    assert response.status_code == 422
    assert "请核对名称和所属上级" in text(response)
    assert cast.neighbour.name in text(response)
    assert officer.post(f"{DISSOLVE}?way=merged", data | {"seen": cast.neighbour.pk}).status_code == 302
    assert Dissolution.objects.get().into == cast.neighbour


def test_the_heir_is_shown_while_typing_and_nothing_but_the_exact_one(cast, officer):
    address = reverse("filings:heir")
    assert cast.neighbour.name in text(officer.get(address, {"into": cast.neighbour.number}))
    assert "没有找到" in text(officer.get(address, {"into": "邻家"}))
    assert "本工会自己" in text(officer.get(address, {"into": cast.union.number}))
    assert not text(officer.get(address, {"into": " "})).strip()


def test_superiors_list_what_has_ended_below_them(cast, client):
    dissolved(cast)
    for who, count in (
        (cast.reviewer, 1),
        (cast.district_admin, 1),
        (cast.platform_admin, 1),
        (cast.other_reviewer, 0),
    ):
        client.force_login(who)
        assert text(client.get(reverse("filings:dissolutions"))).count("上海示例科技有限公司工会") == 2 * count


def test_the_city_restores_by_the_page(cast, client):
    member = make_member(cast.union)
    dissolution = dissolved(cast)
    client.force_login(cast.platform_admin)
    page = reverse("filings:dissolution", args=[dissolution.pk])
    assert "恢复工会</button>" in text(client.get(page))
    response = client.post(reverse("filings:restore", args=[dissolution.pk]), {"reason": "误操作"}, follow=True)
    assert "1 名会员已回到该工会" in text(response)
    member.refresh_from_db()
    assert member.union == cast.union
    assert "恢复工会</button>" not in text(client.get(page))
    assert Union.objects.get(pk=cast.union.pk).state == "approved"


def test_a_restoration_without_a_reason_says_so(cast, client):
    dissolution = dissolved(cast)
    client.force_login(cast.platform_admin)
    response = client.post(reverse("filings:restore", args=[dissolution.pk]), {"reason": ""})
    assert response.status_code == 422
    assert "恢复原因" in text(response)


def test_the_lists_ask_as_many_queries_for_100_rows_as_for_10(cast, client):
    client.force_login(cast.platform_admin)
    for _ in range(100):
        make_member(cast.union)
    dissolution = dissolved(cast)
    for number in range(100):
        ended_and_restored(cast, number)
    move([member.pk for member in Member.objects.all()], to=cast.neighbour, reason="added")
    for address in (reverse("filings:dissolutions"), reverse("filings:dissolution", args=[dissolution.pk])):
        client.get(address)  # the session's own upkeep is done
        query_counts = []
        for size in (10, 100):
            with CaptureQueriesContext(connection) as queries:
                page = client.get(address, {"size": size})
            query_counts.append(len(queries))
            assert len(page.context["page"].rows) == size
        assert query_counts[0] == query_counts[1]


def ended_and_restored(cast, number: int) -> Dissolution:
    return Dissolution.objects.create(
        union=cast.union, way="closed", reason=str(number), member_count=0, act=f"{number:032}",
        dissolved_by=cast.officer, restored_by=cast.platform_admin, restored_at=timezone.now(), restored_count=0,
        restore_act=f"1{number:031}",
    )  # fmt: skip


@pytest.mark.parametrize(("who", "ours", "theirs"), [("officer", "区转", "局转"), ("far_officer", "局转", "区转")])
def test_the_ways_of_moving_are_told_for_the_union_s_own_side(client, cast, who, ours, theirs):
    client.force_login(getattr(cast, who))
    page = client.get("/filings/relocate/").text
    assert page.count(f"<span>{ours}") == 2
    assert f"<span>{theirs}" not in page
