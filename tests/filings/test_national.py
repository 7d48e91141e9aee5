"""The columns of the national form in filings and amendments: what is required, of whom, and what is wrong (SPEC 2.7)."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils.timezone import localdate

from gonghui.codelists.actions import retire_code
from gonghui.codelists.models import Code
from gonghui.filings.amendment.actions import submit_amendment
from gonghui.filings.filing.actions import submit_filing
from gonghui.filings.models import Amendment
from gonghui.kit.errors import Refused
from gonghui.kit.invent import invent_uscc
from gonghui.reviews.actions import decide
from gonghui.reviews.models import Review
from gonghui.unions.models import Union
from gonghui.unions.national import FIELDS, Kind
from tests.filings.stories import amended, approved, changed, form_data, submitted, values
from tests.policies.stories import collecting

pytestmark = pytest.mark.django_db
LEGAL = invent_uscc(7, "81")


def send(client, cast, **typed):
    """The form of a new union as typed, and the answer."""
    client.force_login(cast.newcomer)
    return client.post(reverse("filings:start"), form_data(cast, **typed))


def refused(act, *args, **kwargs) -> tuple[str | None, str]:
    with pytest.raises(Refused) as refusal:
        act(*args, **kwargs)
    return refusal.value.field, refusal.value.sentence


def amending(cast, **more) -> tuple[str | None, str]:
    return refused(submit_amendment, cast.union, values=changed(cast, **more), by=cast.officer)


def registered(cast, **columns) -> None:
    """Values of the union that are live."""
    employer = {name: value for name, value in columns.items() if FIELDS[name].of_employer}
    union = {name: value for name, value in columns.items() if name not in employer}
    if union:
        Union.objects.filter(pk=cast.union.pk).update(**union)
    if employer:
        type(cast.union.employer).objects.filter(union=cast.union).update(**employer)


def test_a_new_union_must_have_what_the_city_requires(cast, client):
    collecting(cast, "union", women_count="required", employer_kind="optional")
    answer = send(client, cast, employer_kind="private")
    assert answer.status_code == 422
    assert "请填写这一项。" in answer.text
    assert '<option value="private" selected>' in answer.text, "what was typed stays"
    assert refused(submit_filing, cast.unfiled, entrance="district", values=values(cast), by=cast.newcomer) == (
        "women_count",
        "请填写女职工数。",
    )
    assert send(client, cast, women_count="0").status_code == 302, "none is an answer"


def test_nobody_is_asked_before_the_day_from_which_it_holds(cast, client):
    collecting(cast, "union", since=localdate() + timedelta(days=1), women_count="required")
    assert send(client, cast).status_code == 302


def test_an_approved_union_may_keep_a_gap_but_not_make_one(cast):
    collecting(cast, "union", women_count="required", migrant_count="required", district_code="optional")
    registered(cast, migrant_count=3, district_code="310110")
    typed = {"women_count": None, "migrant_count": None, "district_code": ""}
    assert amending(cast, **typed) == ("migrant_count", "“农民工数”是必填项目，已经登记的内容不能清空，请填写。")
    approved(amended(cast, **typed | {"migrant_count": 4}).review, cast.reviewer)
    union = Union.objects.select_related("employer").get(pk=cast.union.pk)
    assert (union.women_count, union.migrant_count, union.employer.district_code) == (None, 4, "")


def test_the_form_of_an_amendment_says_what_is_missing_and_requires_nothing(cast, client):
    collecting(cast, "union", women_count="required", migrant_count="required")
    registered(cast, migrant_count=3)
    client.force_login(cast.officer)
    page = client.get(reverse("filings:amend")).text
    assert page.count("市总工会要求填写这一项，请补填。") == 1


def test_the_date_of_a_required_body_is_required_where_there_is_one(cast):
    collecting(cast, "union", women_committee="required")
    told = ("women_committee_since", "请填写女职工委员会成立日期。")
    assert amending(cast, women_committee="yes", women_committee_since=None) == told
    filing = values(cast) | {"women_committee": "yes"}
    assert refused(submit_filing, cast.unfiled, entrance="district", values=filing, by=cast.newcomer) == told
    approved(amended(cast, women_committee="no", women_committee_since=None).review, cast.reviewer)


def test_what_is_no_longer_collected_is_neither_shown_nor_changed(cast, client):
    registered(cast, migrant_count=3, employer_kind="private")
    approved(amended(cast, migrant_count=4, employer_kind="state").review, cast.reviewer)
    union = Union.objects.select_related("employer").get(pk=cast.union.pk)
    assert (union.migrant_count, union.employer.employer_kind) == (3, "private")
    client.force_login(cast.officer)
    assert "农民工数" not in client.get(reverse("filings:own")).text


def test_a_column_that_a_waiting_request_was_not_asked_for_does_not_stop_it(cast):
    review = amended(cast, leader="赵示例").review
    registered(cast, employer_kind="private")
    collecting(cast, "union")
    approved(review, cast.reviewer)
    cast.union.employer.refresh_from_db()
    assert cast.union.employer.employer_kind == "private"


def test_a_change_of_a_column_since_the_request_stops_it(cast):
    collecting(cast, "union")
    review = amended(cast, session_number=3).review
    registered(cast, session_number=2)
    _, sentence = refused(decide, review, decision="approved", opinion="同意。", by=cast.reviewer)
    assert "届次已有变化" in sentence


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"legal_code": "81310110"}, "统一社会信用代码应为 18 位，现在是 8 位，请对照证照改正。"),
        ({"legal_code": LEGAL[:-1] + ("0" if LEGAL[-1] != "0" else "1")}, "统一社会信用代码的校验位不正确"),
        ({"legal_code": invent_uscc(3)}, "工会法人的代码以 81 开头，现在以 91 开头，请对照工会法人资格证书改正。"),
        ({"certificate_issued_on": "2020-05-01", "certificate_valid_until": "2020-05-01"}, "请对照证书核对这两个日期"),
        ({"certificate_issued_on": "2017-07-22"}, "法人证书发证日期 2017-07-22 早于建会日期 2017-07-23"),
        ({"certificate_issued_on": "2999-07-22"}, "法人证书发证日期 2999-07-22 晚于今天"),
        ({"women_committee": "yes", "women_committee_since": "2016-01-01"}, "早于建会日期 2017-07-23"),
        ({"women_committee": "yes", "women_committee_since": "2999-01-01"}, "晚于今天"),
        ({"women_committee": "no", "women_committee_since": "2018-01-01"}, "“女职工委员会”却没有选“有”"),
        ({"women_committee": "", "women_committee_since": "2018-01-01"}, "“女职工委员会”却没有选“有”"),
        ({"women_count": "101"}, "女职工数 101 人，多于职工人数 100 人，请核对两者。"),
        ({"migrant_count": "101"}, "农民工数 101 人，多于职工人数 100 人"),
        ({"full_time_officers": "101"}, "专职工会干部数 101 人，多于职工人数 100 人"),
        ({"women_count": "-1"}, "不能小于 0。"),
        ({"women_count": "很多"}, "请填写整数，例如 100。"),
        ({"chair_employment": "full_time", "full_time_officers": "0"}, "专职工会干部数至少是 1"),
        ({"term_years": "4"}, "基层工会每届任期三年或者五年，请填写 3 或 5。"),
        ({"term_years": "3", "reelection_on": "2999-07-24"}, "换届日期 2999-07-24 距今天超过任期 3 年"),
        ({"session_number": "0"}, "不能小于 1。"),
        ({"certificate_issued_on": "去年"}, "并核对有没有这一天"),
        ({"employer_kind": "nothing"}, "不在选项中"),
        ({"certificate_number": "号" * 31}, "不能超过 30 个字"),
    ],
)
def test_what_is_wrong_is_told_at_its_field_and_stays(cast, client, typed, sentence):
    collecting(cast, "union")
    answer = send(client, cast, **typed, leader="王示例")
    assert answer.status_code == 422
    assert sentence in answer.text
    for text in (*typed.values(), "王示例"):
        assert text == "nothing" or f'value="{text}"' in answer.text, "what was typed stays"
    cast.unfiled.refresh_from_db()
    assert cast.unfiled.state == "unfiled"


def test_the_employers_code_is_not_the_unions(cast, client):
    collecting(cast, "union")
    answer = send(client, cast, code=LEGAL, legal_code=LEGAL)
    assert f"代码 {LEGAL} 是单位的代码，不是工会的" in answer.text
    client.force_login(cast.officer)
    type(cast.union.employer).objects.filter(union=cast.union).update(code=LEGAL)
    assert amending(cast, legal_code=LEGAL)[0] == "legal_code"


def test_a_legal_code_is_stored_in_its_normal_form(cast, client):
    collecting(cast, "union")
    assert send(client, cast, legal_code=f" {LEGAL.lower()} ").status_code == 302
    assert Review.objects.get().proposed["legal_code"] == LEGAL


def test_the_code_of_another_union_is_refused_when_sent_and_when_approved(cast):
    collecting(cast, "union")
    review = submitted(cast, legal_code=LEGAL).review
    registered(cast, legal_code=LEGAL)
    _, sentence = refused(decide, review, decision="approved", opinion="同意。", by=cast.reviewer)
    assert sentence.startswith(f"代码 {LEGAL} 已登记为另一家工会的")
    decide(review, decision="refused", opinion="请核对。", by=cast.reviewer)
    again = values(cast) | {"legal_code": LEGAL}
    told = refused(submit_filing, cast.unfiled, entrance="district", values=again, by=cast.newcomer)
    assert told[0] == "legal_code"


def test_a_retired_value_is_refused_with_what_replaces_it_but_kept_where_it_is(cast, client):
    collecting(cast, "union")
    private, limited = (Code.objects.get(code_list="employer_kind", value=one) for one in ("private", "other_limited"))
    registered(cast, employer_kind="private")
    retire_code(private, on=localdate(), successor=limited, version=private.version, by=cast.platform_admin)
    answer = send(client, cast, employer_kind="private")
    assert "请改为“其他有限责任公司”。" in answer.text
    assert "私营企业（已停用）" in answer.text, "what was typed stays"
    approved(amended(cast, employer_kind="private").review, cast.reviewer)


def test_an_error_elsewhere_tells_nothing_of_what_is_compared_with_it(cast, client):
    collecting(cast, "union")
    answer = send(client, cast, staff_count="", women_count="101")
    assert answer.status_code == 422
    assert "多于职工人数" not in answer.text


def test_a_draft_keeps_what_was_typed_wrongly(cast, client):
    collecting(cast, "union")
    client.force_login(cast.officer)
    typed = {name: "很久以前" for name, field in FIELDS.items() if field.kind == Kind.DATE} | {"women_count": "很多"}
    assert client.post(reverse("filings:amend"), {**typed, "draft": "1"}).status_code == 302
    page = client.get(reverse("filings:amend")).text
    assert 'value="很多"' in page
    assert page.count('value="很久以前"') == len(typed) - 1
    assert Amendment.objects.get().review is None


@pytest.mark.server
@pytest.mark.parametrize(
    "columns",
    [
        {"legal_code": invent_uscc(3)},
        {"certificate_issued_on": date(2025, 1, 2), "certificate_valid_until": date(2025, 1, 2)},
    ],
)
def test_the_database_refuses_it_too(cast, columns):
    with pytest.raises(IntegrityError), transaction.atomic():
        registered(cast, **columns)


@pytest.mark.server
def test_the_database_knows_each_legal_code_once(cast):
    registered(cast, legal_code=LEGAL)
    with pytest.raises(IntegrityError, match="union_legal_code_once"), transaction.atomic():
        Union.objects.filter(pk=cast.neighbour.pk).update(legal_code=LEGAL)
