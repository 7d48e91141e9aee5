"""The side menu: each page marks the entry to which it belongs (SPEC 1.6)."""

import pytest
from django.urls import reverse

from gonghui.portal.menu import menu

pytestmark = pytest.mark.django_db

LIT = [
    ("officer", "transfers:list", "会员转出审核"),
    ("officer", "transfers:release", "会员转出审核"),
    ("officer", "transfers:incoming", "会员转入"),
    ("officer", "transfers:bring_in", "会员转入"),
    ("officer", "members:list", "会员管理"),
    ("officer", "inspections:members", "会员年检"),
    ("officer", "cards:add", "会员服务卡管理"),
    ("platform_admin", "cards:list", "会员服务卡管理"),
    ("platform_admin", "cards:desk", "制卡"),
    ("district_admin", "bookings:programmes", "疗休养体检预约平台"),
]


@pytest.mark.parametrize(("user", "name", "label"), LIT)
def test_a_page_lights_the_entry_of_its_name_alone(cast, user, name, label):
    assert [entry.label for entry in menu(getattr(cast, user), reverse(name)) if entry.active] == [label]


def test_what_one_may_not_do_stands_in_nobodys_menu(cast):
    labels = {
        user: {entry.label for entry in menu(getattr(cast, user), "/home/")}
        for user in ("officer", "reviewer", "newcomer")
    }
    assert "制卡" not in labels["officer"] | labels["reviewer"]
    assert not labels["newcomer"] & {"会员转入", "会员转出审核", "会员管理"}
