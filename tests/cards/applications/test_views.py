"""The pages of 「会员服务卡管理」: their contents and inputs; long lists cost no more."""

import re
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.timezone import localdate

from gonghui.cards.models import AgreedName, Batch, Card, Figure, Order, UnionCode
from gonghui.cards.orders import actions as orders
from gonghui.cards.states import Event
from gonghui.members.models import Member
from gonghui.members.queries import Filters
from tests.cards.stories import answer, approved, carded, coded, exported, file_of, made, read, submitted
from tests.factories import live, make_member
from tests.markup import markup

pytestmark = pytest.mark.django_db


def at(name: str, *args) -> str:
    return reverse(f"cards:{name}", args=args)


def text(response) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


@pytest.fixture
def city(cast, client):
    client.force_login(cast.platform_admin)
    return client


def test_the_list_shows_the_batches_with_their_progress(cast, officer):
    batch = submitted(cast, make_member(cast.union), make_member(cast.union))
    page = text(officer.get(at("list")))
    for words in ("批次信息", "人数", "创建时间", "状态", f"{batch.day} 新办", "待审核 2"):
        assert words in re.sub(r"\s+", " ", page)
    assert "没有符合条件的批次" in text(officer.get(at("list"), {"state": "made"}))


def test_the_city_sees_the_superior_of_each_batch(cast, client):
    submitted(cast, make_member(cast.union))
    client.force_login(cast.platform_admin)
    assert re.search(rf'data-label="所属上级">\s*{cast.union.superior.path}\s*</td>', client.get(at("list")).text)
    client.force_login(cast.reviewer)
    assert "所属上级" not in client.get(at("list")).text


def test_without_batches_the_way_to_begin_is_shown(officer):
    page = officer.get(at("list")).content.decode()
    assert "还没有办卡批次" in page
    assert at("add") in page


def test_adding_needs_the_code_first(cast, officer):
    response = officer.get(at("add"))
    assert response.url == at("code")
    assert cast.union.employer.code in officer.get(at("code")).content.decode()
    response = officer.post(at("code"), {"code": "70005001"})
    assert (response.status_code, "应为 9 位" in text(response)) == (422, True)
    drawn = officer.post(at("code"), {"draw": "1"}).context["form"].initial["code"]
    assert not UnionCode.objects.exists()  # only shown
    assert officer.post(at("code"), {"code": drawn}).url == at("add")
    page = text(officer.get(at("add")))
    assert f"{drawn} （虚拟）" in page
    assert "杨浦区总工会 / 五角场镇工会" in page


def test_the_page_shows_what_is_wrong_with_the_way_to_mend_it(cast, officer):
    coded(cast.union, cast.officer)
    bad, rare = make_member(cast.union, address="路" * 41), make_member(cast.union, name="王喆")
    page = markup(officer.get(at("add")))
    assert "联系地址不能超过40个字符" in page
    assert reverse("members:edit", args=[bad.pk]) in page
    assert at("agree", rare.pk) in page
    boxes = re.findall(r'<input type="checkbox" name="applicant" value="(\d+)"[^>]*?( disabled)?>', page)
    assert boxes == [(str(bad.pk), " disabled"), (str(rare.pk), " disabled")]
    assert bad.document_number not in page
    assert "路路路" not in page.replace("路" * 6, "")  # masked


def test_filters_are_posted_and_travel_sealed(cast, officer):
    coded(cast.union, cast.officer)
    make_member(cast.union, name="王小明")
    make_member(cast.union, name="李小红")
    response = officer.post(at("add"), {"name": "王小"})
    assert "王小" not in response.url
    page = text(officer.get(response.url))
    assert ("王小明" in page, "李小红" in page) == (True, False)


def test_all_who_can_be_ticked_are_told_for_ticks_across_pages(cast, officer):
    coded(cast.union, cast.officer)
    good = [make_member(cast.union).pk for _ in range(15)]
    make_member(cast.union, address="")
    assert officer.get(at("fit")).json() == {"ids": good}
    token = Filters(name="无此人").token(cast.officer)
    assert officer.get(at("fit"), {"q": token}).json() == {"ids": []}


def test_ticks_of_several_pages_come_in_one_field_and_lead_to_the_batch(cast, officer):
    coded(cast.union, cast.officer)
    first, *others = [make_member(cast.union).pk for _ in range(12)]
    response = officer.post(at("apply"), {"applicant": [str(first), ",".join(map(str, others))], "confirmed": "1"})
    batch = Batch.objects.get()
    assert (batch.count, response.url) == (12, f"{at('batch', batch.pk)}?new=1")
    assert "data-forget-ticks" in officer.get(response.url).content.decode()


def test_what_is_refused_leaves_the_ticks(cast, officer):
    coded(cast.union, cast.officer)
    member = make_member(cast.union)
    submitted(cast)
    response = officer.post(at("apply"), {"applicant": str(member.pk)})
    assert response.status_code == 409
    assert "一天只能添加一个批次" in text(response)
    assert f'value="{member.pk}" form="apply" aria-label="选择 {member.name}" checked' in markup(response)


def test_who_is_in_the_batch_is_listed_before_the_only_one_of_the_day_is_used_up(cast, officer):
    coded(cast.union, cast.officer)
    member, special = make_member(cast.union), make_member(cast.union, name="王喆")
    officer.post(at("agree", special.pk), {"agreed": "王哲"})
    page = text(officer.post(at("apply"), {"applicant": f"{member.pk},{special.pk}"}))
    for words in (member.name, member.number, "王喆", "王哲", "确认申请 2 人", "一天只能添加一个批次"):
        assert words in page
    assert member.document_number not in page
    assert not Batch.objects.exists()
    officer.post(at("apply"), {"applicant": f"{member.pk},{special.pk}", "confirmed": "1"})
    assert Batch.objects.get().count == 2


def test_a_name_that_the_system_takes_for_plain_is_made_special_and_plain_again(cast, officer):
    """勾选特殊 of the manual: the officer knows what the card maker cannot print."""
    coded(cast.union, cast.officer)
    member = make_member(cast.union, name="王小明")
    assert "设为特殊" in text(officer.get(at("add")))
    assert "约定姓名与姓名相同" in text(officer.post(at("agree", member.pk), {"agreed": "王小明"}))
    officer.post(at("agree", member.pk), {"agreed": "王晓明"})
    page = text(officer.get(at("add")))
    assert "王晓明" in page
    assert "取消特殊" in text(officer.get(at("agree", member.pk)))
    assert "照原名制作" in text(officer.post(at("agree", member.pk), {"drop": "1"}, follow=True))
    assert "王晓明" not in text(officer.get(at("add")))


def test_a_batch_of_nobody_is_told(cast, officer):
    coded(cast.union, cast.officer)
    assert "还没有选中会员" in text(officer.post(at("apply")))


def test_foreigners_are_told_to_stand_apart(cast, officer):
    coded(cast.union, cast.officer)
    resident = make_member(cast.union)
    foreigner = make_member(cast.union, name="Li Wu", document_type="passport", number="X00000041")
    officer.post(at("agree", foreigner.pk), {"agreed": "li wu"})
    ids = f"{resident.pk},{foreigner.pk}"
    page = text(officer.post(at("apply"), {"applicant": ids}))
    assert ("确认申请 2 人" in page, "外籍人士新办批次" in page, Batch.objects.count()) == (True, True, 0)
    response = officer.post(at("apply"), {"applicant": ids, "confirmed": "1"}, follow=True)
    assert "其中外籍人士 1 人需单独提交，已自动列为另一个批次" in text(response)


def test_the_dialog_offers_homophones_and_says_what_is_wrong(cast, officer):
    member = make_member(cast.union, name="王喆")
    page = officer.get(at("agree", member.pk), headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in page
    assert "请填写办卡约定姓名" in page
    assert 'data-offer="王哲"' in page
    response = officer.post(at("agree", member.pk), {"agreed": "王堃"})
    assert (response.status_code, "“堃”也是生僻字" in text(response)) == (422, True)
    assert officer.post(f"{at('agree', member.pk)}?back=page%3D2", {"agreed": "王哲"}).url == f"{at('add')}?page=2"
    assert AgreedName.objects.get().name == "王哲"


def test_the_batch_page_acts_on_the_ticked(cast, officer):
    batch = made(cast, make_member(cast.union), make_member(cast.union))
    first, second = batch.applications.order_by("pk")
    assert "登记已发放" in text(officer.get(at("batch", batch.pk)))
    officer.post(at("act", batch.pk), {"act": "issue", "application": first.pk})
    assert (live(first).state, live(second).state) == ("issued", "made")
    officer.post(at("act", batch.pk), {"act": "issue_all"})
    assert live(second).state == "issued"
    officer.post(at("act", batch.pk), {"act": "undo", "application": second.pk})
    assert live(second).state == "made"
    response = officer.post(at("act", batch.pk), {"act": "close", "application": second.pk})
    assert (response.status_code, "没有可以这样办理的会员" in text(response)) == (409, True)
    assert officer.post(at("act", batch.pk), {"act": "dance"}).status_code == 404


def test_the_reviewer_refuses_single_members_on_the_batch_page(cast, client):
    batch = submitted(cast, make_member(cast.union), make_member(cast.union))
    client.force_login(cast.reviewer)
    page = client.get(at("batch", batch.pk)).content.decode()
    assert reverse("reviews:review", args=[batch.review_id]) in page
    first = batch.applications.order_by("pk")[0]
    response = client.post(at("act", batch.pk), {"act": "refuse", "application": first.pk, "opinion": ""})
    assert "必须填写原因" in text(response)
    client.post(at("act", batch.pk), {"act": "refuse", "application": first.pk, "opinion": "已离职"})
    assert live(first).state == "refused"


def test_the_sign_off_list_has_whoever_has_a_card_to_fetch(cast, officer):
    batch = approved(cast, make_member(cast.union, name="王有卡"), make_member(cast.union, name="李失败"))
    assert "还没有制成的卡" in text(officer.get(at("sign_off", batch.pk)))
    order = exported(cast, batch)
    read(cast, order, answer(order, failed=[2]))
    page = text(officer.get(at("sign_off", batch.pk)))
    assert ("王有卡" in page, "李失败" in page, "领取人签名" in page) == (True, False, True)
    assert Card.objects.get().number not in page


def test_cards_are_found_by_their_number_which_does_not_stand_in_the_address(cast, officer):
    (card,) = carded(cast, make_member(cast.union))
    response = officer.post(at("holders"), {"card": f"{card.number[:4]} {card.number[4:]}"})
    assert card.number not in response.url
    page = officer.get(response.url).content.decode()
    assert card.masked_number in page
    assert card.number not in page
    assert "没有找到符合条件的会员卡" in text(officer.get(officer.post(at("holders"), {"card": "9999"}).url))


def test_a_loss_is_reported_with_a_reason(cast, officer):
    (card,) = carded(cast, make_member(cast.union))
    page = officer.post(at("report"), {"purpose": "loss", "member": card.member_id})
    assert "提交后平台立即把卡记为“已挂失”" in text(page)
    response = officer.post(at("report"), {"purpose": "loss", "member": card.member_id, "reason": " "})
    assert (response.status_code, "请填写原因" in text(response)) == (422, True)
    response = officer.post(at("report"), {"purpose": "loss", "member": card.member_id, "reason": "地铁上丢失"})
    assert response.url == f"{at('batch', Batch.objects.get(purpose='loss').pk)}?new=1"
    assert live(card).state == "lost"
    assert officer.post(at("report"), {"purpose": "loss"}).url == at("holders")
    assert officer.post(at("report"), {"purpose": "new", "member": card.member_id}).status_code == 404


def test_a_report_of_somebody_who_has_just_left_is_told_not_shortened(cast, officer):
    first, second = carded(cast, make_member(cast.union), make_member(cast.union))
    Member.objects.filter(pk=second.member_id).update(union=cast.neighbour)
    sent = {"purpose": "loss", "member": [first.member_id, second.member_id], "reason": "丢失"}
    response = officer.post(at("report"), sent)
    assert (response.status_code, "有 1 人已不在本工会" in text(response)) == (422, True)
    assert not Batch.objects.filter(purpose="loss").exists()


def test_a_cards_page_shows_its_life_and_the_number_once(cast, officer):
    (card,) = carded(cast, make_member(cast.union))
    page = officer.get(at("card", card.pk))
    assert "申请新办" in text(page)
    assert card.number not in text(page)
    assert card.number in text(officer.post(at("reveal", card.pk)))


def test_the_desk_gathers_exports_and_reads(cast, city, settings):
    batch = approved(cast, make_member(cast.union), make_member(cast.union))
    assert "待制卡：新办" in text(city.get(at("desk")))
    response = city.post(at("gather"), {"purpose": "new", "foreign": "0", "batch": batch.pk})
    order = Order.objects.get()
    assert response.url == at("order", order.pk)
    assert "正在生成制卡文件" in text(city.get(response.url))
    orders.build(order.pk)
    response = city.post(at("export", order.pk))
    data = b"".join(response.streaming_content)
    assert data == file_of(order)
    assert int(response["Content-Length"]) == len(data)
    wrong = city.post(at("upload", order.pk), {"file": SimpleUploadedFile("x.txt", data)})
    assert (wrong.status_code, "这是导出给制卡方的制卡文件" in text(wrong)) == (422, True)
    missing = city.post(at("upload", order.pk))
    assert "请先选择制卡方返回的结果文件" in text(missing)
    sample = city.post(at("sample", order.pk)).content
    response = city.post(at("upload", order.pk), {"file": SimpleUploadedFile("结果.txt", sample)}, follow=True)
    assert "检查无误，共 2 行，已开始读入" in text(response)


def test_failures_are_tried_again_and_an_order_is_cancelled_on_its_page(cast, city):
    batch = approved(cast, make_member(cast.union), make_member(cast.union))
    order = exported(cast, batch)
    read(cast, order, answer(order, failed=[1]))
    assert "E01 证件信息核查不一致" in text(city.get(at("order", order.pk)))
    city.post(at("order_act", order.pk), {"act": "retry"})
    second = Order.objects.latest("pk")
    orders.build(second.pk)
    city.post(at("order_act", second.pk), {"act": "cancel"})
    page = text(city.get(at("order", second.pk)))
    assert "已取消" in page
    assert "等待结果" not in page
    assert live(second).state == "cancelled"
    assert batch.applications.filter(state="approved").count() == 1
    assert city.post(at("order_act", second.pk), {"act": "dance"}).status_code == 404


def test_the_ledger_sums_up_its_months(cast, city):
    first = localdate().replace(day=1)
    for month, count in ((first, 1_200), ((first - timedelta(days=1)).replace(day=1), 34)):
        Figure.objects.create(superior=cast.union.superior, month=month, event=Event.MADE, count=count)
    context = city.get(at("ledger")).context
    place = Event.values.index(Event.MADE)
    assert context["totals"][place] == 1_234
    assert sum(count for _, counts in context["months"] for count, _ in counts) == sum(context["totals"])
    assert context["trends"][place][-2:] == [34, 1_200]
    assert "1,234" in city.get(at("ledger")).text


def test_the_ledger_shows_the_figures_and_what_is_stuck(cast, city):
    submitted(cast)
    page = text(city.get(at("ledger")))
    assert "申请办卡" in page
    assert "等待上级工会审核" in page
    assert "上海示例科技有限公司工会" in page


def test_the_lists_ask_as_many_queries_for_100_rows_as_for_10(cast, client):
    coded(cast.union, cast.officer, 5001)
    pages = [
        (cast.officer, at("list")), (cast.officer, at("add")), (cast.officer, at("holders")),
        (cast.platform_admin, at("list")), (cast.platform_admin, at("ledger")), (cast.platform_admin, at("desk")),
    ]  # fmt: skip
    counts = []
    for more in (2, 12):
        grown(cast, more)
        order = Order.objects.order_by("pk")[0]
        numbers = []
        for user, address in [
            *pages,
            (cast.platform_admin, at("order", order.pk)),
            (cast.officer, at("batch", Batch.objects.order_by("pk")[0].pk)),
        ]:
            client.force_login(user)
            client.get(address)
            with CaptureQueriesContext(connection) as queries:
                assert client.get(address, {"size": 100}).status_code == 200
            numbers.append(len(queries))
        counts.append(numbers)
    assert counts[0] == counts[1]


def grown(cast, count: int) -> None:
    """Adds batches on separate days, half of them made, half waiting; and as many free members."""
    for n in range(count):
        for days in (-10_000, 9_999):  # through unused days, because rows change one by one
            Batch.objects.update(day=F("day") + timedelta(days=days))
            Order.objects.update(day=F("day") + timedelta(days=days))
        if n % 2:
            made(cast, make_member(cast.union), make_member(cast.union))
        else:
            approved(cast)
        make_member(cast.union)


def test_the_member_lists_ticks_lead_to_the_batch_of_those_whose_card_can_be_made(cast, client):
    coded(cast.union, cast.officer)
    fit, unfit, stranger = make_member(cast.union), make_member(cast.union), make_member(cast.neighbour)
    Member.objects.filter(pk=unfit.pk).update(has_card=True)
    client.force_login(cast.officer)
    ids = ",".join(str(member.pk) for member in (fit, unfit, stranger))
    page = client.post(reverse("cards:pick"), {"member": ids})
    assert [result.member.pk for group in page.context["groups"] for result in group] == [fit.pk]
    assert page.context["left_out"] == 1
    assert page.context["reasons"] == [("已办会员服务卡", 1)]
    assert not Batch.objects.exists()
    refused = client.post(reverse("cards:pick"), {"member": str(unfit.pk)}, headers={"HX-Request": "true"})
    assert refused.status_code == 409
    assert "没有可以办卡的：已办会员服务卡" in refused.text
