"""The filing form and the union's page, as an officer and a superior meet them."""

import re

import pytest
from django.urls import reverse

from gonghui.audit.models import Entry
from gonghui.filings.filing.actions import reveal_phone
from gonghui.filings.models import Filing
from gonghui.kit.errors import Refused
from gonghui.reviews.actions import decide
from gonghui.unions import union_details
from gonghui.unions.models import RegisteredEmployer, UnionState
from tests.factories import org_code
from tests.filings.stories import form_data, returned, submitted, values

FORM = "/filings/form/"


def test_an_unfiled_union_is_offered_both_entrances(client, cast):
    client.force_login(cast.newcomer)
    page = client.get(FORM).content.decode()
    assert "区总工会所属单位" in page
    assert "产业局所属单位" in page


def test_the_form_has_every_field_of_the_manual(client, cast):
    client.force_login(cast.newcomer)
    page = client.get(f"{FORM}?entrance=district").content.decode()
    for label in (
        "单位名称", "单位行政法人和其他组织统一社会信用代码(或组织机构代码)", "经济类型", "工会所属区总工会",
        "工会所属街镇(开发区)工会", "单位地址", "单位所属行业", "工会名称", "建会日期", "基层工会类型", "换届日期",
        "工会负责人", "联系电话", "职工人数", "是否合并工会", "2017年7月以前的合并企业无需选择",
    ):  # fmt: skip
        assert label in page, label
    assert "工会所属二级产业局公司工会" in client.get(f"{FORM}?entrance=bureau").content.decode()


def test_the_form_comes_filled_from_the_statistical_register(client, cast):
    registered_employer = RegisteredEmployer.objects.create(
        name="上海新办餐饮有限公司",
        code=org_code(77),
        economic_type="private",
        address="示例路77号",
        street=cast.street,
    )
    cast.unfiled.employer.registered = registered_employer
    cast.unfiled.employer.save()
    client.force_login(cast.newcomer)
    form = client.get(f"{FORM}?entrance=district").context["form"]
    assert form["code"].value() == org_code(77)
    assert form["superior"].value() == cast.street.pk
    assert form["level2"].value() == cast.district.pk


def test_the_unions_name_is_proposed_from_the_employers_for_who_is_not_registered_too(client, cast):
    client.force_login(cast.newcomer)
    page = client.get(f"{FORM}?entrance=district").content.decode()
    assert f'value="{cast.unfiled.employer.name}工会"' in page


def test_submitting_a_complete_form(client, cast):
    client.force_login(cast.newcomer)
    answer = client.post(FORM, form_data(cast), follow=True)
    assert "已提交五角场镇工会审核" in answer.content.decode()
    assert Filing.objects.get().review.title == "上海新办餐饮有限公司"


def test_a_form_sent_twice_makes_one_filing(client, cast):
    client.force_login(cast.newcomer)
    client.post(FORM, form_data(cast))
    answer = client.post(FORM, form_data(cast), follow=True)
    assert answer.status_code == 200
    assert Filing.objects.count() == 1


@pytest.mark.parametrize(
    ("field", "typed", "sentence"),
    [
        ("employer_name", "", "请填写这一项"),
        ("code", "700000000", "校验"),
        ("code", "91310110MA1G8XXXX1", ""),
        ("code", "123", "位"),
        ("founded_on", "2999-01-01", "不晚于今天"),
        ("founded_on", "昨天", "日期"),
        ("reelection_on", "2001-01-01", "换届日期应晚于建会日期"),
        ("leader", "李😀", ""),
        ("phone", "12345", ""),
        ("staff_count", "0", "1"),
        ("staff_count", "99999999999", ""),
        ("staff_count", "一百", "整数"),
        ("merged", "", "请选择这一项"),
        ("name", "示例公司", "工会"),
        ("economic_type", "nonsense", ""),
        ("superior", "999999", ""),
        ("superior", "'; --", ""),
    ],
)
def test_a_wrong_field_says_so_and_changes_nothing(client, cast, field, typed, sentence):
    client.force_login(cast.newcomer)
    answer = client.post(FORM, form_data(cast, **{field: typed}))
    assert answer.status_code == 422
    errors = answer.context["form"].errors
    assert list(errors) == [field]
    assert sentence in str(errors[field])
    assert not Filing.objects.exists()


def test_a_street_of_another_district_is_refused(client, cast):
    client.force_login(cast.newcomer)
    answer = client.post(FORM, form_data(cast, level2=str(cast.bureau.pk)))
    assert answer.status_code == 422


def test_a_code_in_use_is_told_beside_the_field(client, cast):
    client.force_login(cast.newcomer)
    answer = client.post(FORM, form_data(cast, code=cast.union.employer.code))
    assert "请向原经办人了解" in str(answer.context["form"].errors["code"])


def test_full_width_and_lower_case_codes_are_understood(client, cast):
    client.force_login(cast.newcomer)
    wide = org_code(4321).translate({ord(str(digit)): chr(0xFF10 + digit) for digit in range(10)})
    client.post(FORM, form_data(cast, code=f" {wide} "))
    assert Filing.objects.get().code == org_code(4321)


def test_the_draft_comes_back_as_typed(client, cast):
    client.force_login(cast.newcomer)
    client.post(FORM, form_data(cast, code="12", leader="", merged="", draft=""))
    form = client.get(f"{FORM}?entrance=district").context["form"]
    assert form["code"].value() == "12"
    assert form["address"].value() == "示例路1号"
    assert form["phone"].value() == "19900001234"
    assert form["superior"].value() == cast.street.pk


def test_the_page_saves_the_draft_by_itself_and_is_recorded_once(client, cast):
    client.force_login(cast.newcomer)
    for code in ("1", "12", "123"):
        answer = client.post(FORM, form_data(cast, code=code, draft="auto"), headers={"hx-request": "true"})
        assert re.fullmatch(r"\d\d:\d\d", answer.json()["saved"])
    assert client.get(FORM).context["form"]["code"].value() == "123"
    assert Entry.objects.filter(verb="filing.drafted").count() == 1
    cast.unfiled.refresh_from_db()
    assert cast.unfiled.state == "unfiled"


def test_a_draft_that_comes_after_the_filing_changes_nothing(client, cast):
    client.force_login(cast.newcomer)
    client.post(FORM, form_data(cast))
    filed = Filing.objects.get().values
    late = client.post(FORM, form_data(cast, code="1", draft="auto"), headers={"hx-request": "true"})
    assert late.status_code in (302, 409)
    assert Filing.objects.get().values == filed


def test_a_returned_filing_shows_the_opinion_and_the_old_values(client, cast):
    returned(cast)
    client.force_login(cast.newcomer)
    page = client.get(f"{FORM}?entrance=district")
    assert "请写到门牌号" in page.content.decode()
    assert page.context["form"]["leader"].value() == "李示例"


def test_what_came_back_is_opened_at_its_own_entrance(client, cast):
    """Whether it was returned or withdrawn, nobody is asked for the entrance again."""
    review = submitted(cast).review
    client.force_login(cast.newcomer)
    client.post(f"/filings/reviews/{review.pk}/withdraw/")
    assert client.get(FORM).context["form"]["leader"].value() == "李示例"
    returned(cast)
    assert "单位地址不详" in client.get(FORM).text


def test_the_second_select_follows_the_first(client, cast):
    client.force_login(cast.newcomer)
    options = client.get(
        reverse("filings:superiors"), {"entrance": "district", "level2": cast.district.pk}
    ).content.decode()
    assert "五角场镇" in options
    assert "示例电气集团" not in options
    assert client.get(reverse("filings:superiors"), {"entrance": "nowhere"}).status_code == 404


def test_the_unions_page_shows_state_opinion_reviewer_and_time(client, cast):
    decide(submitted(cast).review, decision="approved", opinion="经核实，信息属实。", by=cast.reviewer)
    client.force_login(cast.newcomer)
    page = client.get(reverse("filings:own")).content.decode()
    for text in (
        "状态",
        "审核通过",
        "审批意见",
        "经核实，信息属实。",
        "审批人",
        "五角场镇审核人",
        "审批时间",
        "杨浦区 五角场镇",
    ):
        assert text in page, text
    assert "19900001234" not in page
    assert "199****1234" in page


def test_superiors_see_the_unions_page_and_others_do_not(client, cast):
    address = reverse("filings:union", args=[cast.union.pk])
    for who, status in [
        ("reviewer", 200), ("viewer", 200), ("district_admin", 200), ("platform_admin", 200),
        ("other_reviewer", 404), ("company_reviewer", 404), ("neighbour_officer", 404), ("claimant", 404), ("newcomer", 404),
    ]:  # fmt: skip
        client.force_login(getattr(cast, who))
        assert client.get(address).status_code == status, who


def test_superiors_have_no_form(client, cast):
    client.force_login(cast.reviewer)
    assert client.get(FORM).status_code == 404
    assert client.post(FORM, form_data(cast)).status_code == 404


def test_withdrawing_by_the_page(client, cast):
    review = submitted(cast).review
    client.force_login(cast.newcomer)
    client.post(reverse("filings:withdraw", args=[review.pk]))
    cast.unfiled.refresh_from_db()
    assert cast.unfiled.state == UnionState.UNFILED
    again = client.post(reverse("filings:withdraw", args=[review.pk]), follow=True)
    assert "已撤回" in again.content.decode() or "不能再操作" in again.content.decode()


def test_nobody_withdraws_anothers_filing(client, cast):
    review = submitted(cast).review
    for who in ("officer", "reviewer"):
        client.force_login(getattr(cast, who))
        assert client.post(reverse("filings:withdraw", args=[review.pk])).status_code == 404


def test_the_own_officer_sees_the_phone_in_full_and_the_look_is_recorded(client, cast):
    union = cast.union
    union_details.publish(union, union_details.pack(values(cast, phone="02155556666"), union))
    client.force_login(cast.officer)
    page = client.get(reverse("filings:own")).text
    assert "02155556666" not in page
    assert "显示完整电话" in page
    answer = client.post(reverse("filings:reveal"))
    assert "02155556666" in answer.text
    assert "no-store" in answer["Cache-Control"]
    assert Entry.objects.filter(verb="union.revealed", actor=cast.officer, object_id=union.pk).count() == 1
    assert "02155556666" not in client.get(reverse("filings:own")).text


@pytest.mark.parametrize("who", ["reviewer", "platform_admin", "neighbour_officer", "viewer"])
def test_nobody_else_is_offered_the_phone(client, cast, who):
    client.force_login(getattr(cast, who))
    answer = client.get(reverse("filings:union", args=[cast.union.pk]))
    assert "显示完整电话" not in answer.text
    with pytest.raises(Refused):
        reveal_phone(cast.union, by=getattr(cast, who))
    assert not Entry.objects.filter(verb="union.revealed").exists()


def test_a_filing_that_waits_shows_its_phone_to_its_officer(client, cast):
    submitted(cast, phone="19900007777")
    client.force_login(cast.newcomer)
    assert "19900007777" in client.post(reverse("filings:reveal")).text


@pytest.mark.parametrize(
    ("who", "path"),
    [("officer", "杨浦区 五角场镇"), ("far_officer", "上海市机电工会 示例电气集团工会")],
)
def test_superiors_are_called_by_place_or_by_their_whole_name(client, cast, who, path):
    """「机电 示例电气集团」 are no unions."""
    user = getattr(cast, who)
    assert user.union.superior.path == path
    client.force_login(user)
    assert f"<dd>{path}</dd>" in client.get(reverse("filings:own")).text
    client.force_login(cast.platform_admin)
    crumbs = client.get(reverse("filings:union", args=[user.union.pk])).text
    assert all(f">{name}</a>" in crumbs for name in path.split())
