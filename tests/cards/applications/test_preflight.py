"""Preflight (SPEC 4.2): every rule with its sentence and its remedy."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.timezone import localdate

from gonghui.cards.applications.actions import agree_name
from gonghui.cards.applications.preflight import examine
from gonghui.members.fields import MemberValues
from gonghui.members.models import Member
from gonghui.members.register.actions import edit_member, version_of
from gonghui.members.register.forms import values_of
from tests.cards.stories import approved, carded, coded, made, only, submitted
from tests.factories import change_member, live, make_member
from tests.transfers.stories import offered, requested

pytestmark = pytest.mark.django_db


def problems(member: Member, purpose: str = "new") -> list[str]:
    return [problem.text for problem in examine([live(member)], purpose)[member.pk].problems]


def edited(member: Member, by, **changes) -> None:
    values = MemberValues(**values_of(member))._replace(**changes)
    edit_member(member, values, version=version_of(member), by=by)


def test_a_member_in_order_passes(cast):
    assert problems(make_member(cast.union)) == []


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"address": "路" * 41}, "联系地址不能超过40个字符，现在是 41 个"),
        ({"address": ""}, "没有填写联系地址"),
        ({"mobile": "12345"}, "移动电话不是 11 位手机号码"),
        ({"mobile": ""}, "没有填写移动电话"),
        ({"number": "310110199001010018"}, "身份证号码的校验位不正确"),
        ({"expires_on": localdate() - timedelta(days=1)}, "到期，请换证后更新有效期"),
        ({"born_on": None}, "没有出生日期"),
    ],
)
def test_what_is_wrong_is_told_with_the_way_to_mend_it(cast, fields, sentence):
    number = fields.pop("number", None)
    member = make_member(cast.union, **fields)
    if number:
        change_member(member, document_number=number)
    (problem,) = examine([live(member)])[member.pk].problems
    assert sentence in problem.text
    assert problem.url == reverse("members:edit", args=[member.pk])


def test_forty_characters_and_a_document_that_ends_today_pass(cast):
    assert problems(make_member(cast.union, address="路" * 40, expires_on=localdate())) == []


def test_a_rare_name_passes_with_an_agreed_one_and_only_as_long_as_the_name_stays(cast):
    member = make_member(cast.union, name="王喆")
    assert problems(member) == ["姓名中有生僻字“喆”，需要约定姓名"]
    agree_name(member, "王哲", by=cast.officer)
    assert examine([member])[member.pk].printed_name == "王哲"
    edited(live(member), cast.officer, name="王堃")
    assert problems(member) == ["姓名中有生僻字“堃”，需要约定姓名"]


def test_a_foreigner_needs_an_english_name(cast):
    member = make_member(cast.union, name="Elena Marchetti", document_type="passport", number="X00000039")
    assert problems(member) == ["外籍人士需要 8 个以内英文字符的约定姓名"]
    agree_name(member, "E MARCHE", by=cast.officer)
    assert problems(member) == []


def test_who_has_a_card_or_stands_in_a_batch_is_not_asked_for_again(cast):
    card, waiting = carded(cast, make_member(cast.union))[0], make_member(cast.union)
    assert problems(card.member) == ["已办会员服务卡"]
    old = make_member(cast.union, has_card=True)  # from before the platform
    assert problems(old) == ["已办会员服务卡"]
    foreign_batch(cast, waiting)
    (problem,) = examine([waiting])[waiting.pk].problems
    assert "批次中（待审核）" in problem.text
    assert problem.calm


def foreign_batch(cast, member):
    """A second batch beside the one of today that `carded` has made."""
    coded(cast.union, cast.officer)
    agreed = make_member(cast.union, name="Li Wu", document_type="passport", number="X00000041")
    agree_name(agreed, "LI WU", by=cast.officer)
    batch = submitted(cast, agreed)
    batch.applications.create(member=member, purpose="new", printed_name=member.name, seen=b"")


def test_a_correction_under_review_and_a_transfer_under_way_keep_the_card_back(cast):
    card = carded(cast, make_member(cast.union))[0]
    edited(live(card.member), cast.officer, name="王改名")
    assert problems(card.member, "replacement") == ["信息修改正在等待上级工会审核"]
    corrected, away = make_member(cast.union), make_member(cast.union)
    requested(cast, corrected)
    offered(cast, away)
    assert problems(corrected) == problems(away) == ["正在办理会员转出"]


def test_loss_replacement_and_cancellation_need_a_card(cast):
    member = make_member(cast.union)
    old = make_member(cast.union, has_card=True)
    for purpose in ("loss", "replacement", "cancellation"):
        assert problems(member, purpose) == ["没有会员服务卡"]
        assert "平台启用以前办的卡" in problems(old, purpose)[0]
    card = carded(cast, make_member(cast.union))[0]
    for purpose in ("loss", "replacement", "cancellation"):
        assert problems(card.member, purpose) == []
    approved(cast, card.member, purpose="loss")
    assert "已在" in problems(card.member, "replacement")[0]


def test_a_card_that_is_lost_is_not_lost_again(cast):
    card = carded(cast, make_member(cast.union))[0]
    made(cast, card.member, purpose="loss")
    assert problems(card.member, "loss") == ["这张卡已经挂失，如需新卡请补办"]
    assert problems(card.member, "replacement") == []


def test_many_members_are_looked_at_with_as_many_queries_as_few(cast):
    members = [make_member(cast.union) for _ in range(30)]
    counts = []
    for some in (members[:3], members):
        with CaptureQueriesContext(connection) as queries:
            examine(some)
        counts.append(len(queries))
    assert counts[0] == counts[1] == 4


def test_the_batch_that_is_looked_at_is_not_in_its_own_way(cast):
    batch = submitted(cast)
    member = only(batch).member
    assert examine([member], asked=True)[member.pk].ok
