"""The page 「保留会籍」: of ticked members, of one from his or her page."""

import pytest
from django.urls import reverse
from django.utils.timezone import localdate

from gonghui.members.models import Member
from tests.factories import make_member

pytestmark = pytest.mark.django_db

PAGE = reverse("members:retention")


def sent(client, *members: Member, **values):
    values = {"way": "retain", "reason": "unemployed", "on": str(localdate())} | values
    return client.post(PAGE, {"member": [member.pk for member in members], **values})


def test_the_ticked_are_shown_then_retained_then_found_by_the_filter(cast, client):
    client.force_login(cast.officer)
    first, second = make_member(cast.union, name="留示例"), make_member(cast.union, name="常示例")
    page = client.post(PAGE, {"member": [first.pk]}).content.decode()
    assert "留示例" in page
    assert "确认办理" in page
    assert sent(client, first, make_member(cast.union)).status_code == 302
    listed = client.post(reverse("members:list"), {"standing": "retained"}, follow=True).content.decode()
    assert "留示例" in listed
    assert second.name not in listed
    assert "会籍：保留会籍" in listed
    shown = client.get(reverse("members:view", args=[first.pk])).content.decode()
    assert "失业" in shown
    assert "恢复会籍" in shown


def test_a_superior_finds_the_retained_below(cast, client):
    client.force_login(cast.officer)
    kept = make_member(cast.union, name="留示例")
    sent(client, kept)
    make_member(cast.neighbour, name="常示例")
    client.force_login(cast.district_admin)
    listed = client.post(reverse("members:list"), {"standing": "retained"}, follow=True).content.decode()
    assert "留示例" in listed
    assert "常示例" not in listed


def test_what_is_wrong_is_said_at_its_field_and_nothing_changes(cast, client):
    client.force_login(cast.officer)
    member = make_member(cast.union)
    for values, sentence in (
        ({"reason": ""}, "请选择保留会籍的原因。"),
        ({"on": "2026-13-01"}, "id_on"),
        ({"on": "2999-01-01"}, "保留会籍的日期 2999-01-01 晚于今天"),
        ({"on": "1980-01-01"}, "早于出生日期 1990-01-01"),
        ({"way": "nonsense"}, "id_way"),
    ):
        answer = sent(client, member, **values)
        assert answer.status_code == 422
        assert sentence in answer.content.decode()
    assert Member.objects.get(pk=member.pk).standing == "normal"


def test_without_ticks_the_list_says_what_to_do(cast, client):
    client.force_login(cast.officer)
    answer = client.post(PAGE, {"member": ["²", "9999999999999999999"]}, follow=True)
    assert "请先在会员列表中勾选会员" in answer.content.decode()


def test_the_expelled_are_confirmed_on_the_form(cast, client):
    from tests.members.people import typed, values
    from tests.transfers.stories import ended
    from tests.transfers.test_standings import joined

    ended(cast, joined(cast), "expelled")
    client.force_login(cast.neighbour_officer)
    answer = client.post(reverse("members:add"), typed(1))
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "被除名" in page
    assert 'name="expulsion_known"' in page
    assert client.post(reverse("members:add"), typed(1, expulsion_known="on")).status_code == 302
    assert Member.objects.get(name=values(1).name).union == cast.neighbour
