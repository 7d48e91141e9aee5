"""Accounts that administrators create (SPEC 1.4): rules, actions, pages."""

import pytest
from django.test import Client

from gonghui.accounts import actions
from gonghui.accounts.models import Role, User
from gonghui.accounts.rules import can_create_account, can_switch_account
from gonghui.audit.models import Entry
from gonghui.kit.errors import Refused
from gonghui.notices.models import Mail
from gonghui.unions.levels import UnionKind
from tests.accounts.outbox import last_body, last_link
from tests.factories import PASSWORD, make_union, make_user

NEW = {"email": "New@demo.test", "name": "新审核人", "roles": [Role.REVIEWER]}
PASS = "Another-2026-word"


@pytest.fixture
def bare_street(cast):
    """A street union without accounts."""
    return make_union(UnionKind.STREET, cast.district)


def test_administrator_makes_an_account_whose_owner_sets_the_password_by_mail(client, cast):
    user = actions.create_account(cast.street, **NEW, by=cast.reviewer)
    assert (user.email, user.union, user.roles) == ("new@demo.test", cast.street, ["reviewer"])
    assert "五角场镇工会的五角场镇审核人为您开通了" in last_body("new@demo.test")
    form = client.get(last_link("new@demo.test", "/password/reset/key/"))
    assert client.post(form.url, {"password1": PASS, "password2": PASS}).status_code == 302
    assert client.post("/accounts/login/", {"login": "new@demo.test", "password": PASS}).url == "/home/"
    assert Entry.objects.get(verb="account.created").data == {"roles": ["reviewer"]}


def test_an_invited_account_can_get_a_new_link_by_itself(client, cast):
    actions.create_account(cast.street, **NEW, by=cast.reviewer)
    client.post("/accounts/password/reset/", {"email": "new@demo.test"})
    assert "重设账号" in last_body("new@demo.test")


def test_invitation_is_sent_again_until_the_password_is_set(cast):
    user = actions.create_account(cast.street, **NEW, by=cast.reviewer)
    actions.invite_again(user, by=cast.reviewer)
    assert Mail.objects.filter(to=user.email).count() == 2
    user.set_password(PASS)
    user.save()
    with pytest.raises(Refused, match="已经设置了密码"):
        actions.invite_again(user, by=cast.reviewer)


def test_first_administrator_of_a_union_below_then_no_second(cast, bare_street):
    roles = {"name": "镇管理员", "roles": [Role.ADMIN]}
    actions.create_account(bare_street, email="a@demo.test", **roles, by=cast.district_admin)
    with pytest.raises(Refused, match="已有管理员"):
        actions.create_account(bare_street, email="b@demo.test", **roles, by=cast.district_admin)


def test_taken_email_is_refused(cast):
    with pytest.raises(Refused, match="已有账号"):
        actions.create_account(cast.street, **NEW | {"email": cast.officer.email}, by=cast.reviewer)
    assert User.objects.filter(email=cast.officer.email).count() == 1


@pytest.mark.parametrize(
    ("manager", "where", "roles", "may"),
    [
        ("reviewer", "street", [Role.REVIEWER, Role.VIEWER], True),
        ("reviewer", "street", [Role.OFFICER], False),
        ("reviewer", "street", [Role.PLATFORM_ADMIN], False),
        ("reviewer", "street", [], False),
        ("reviewer", "other_street", [Role.ADMIN], False),
        ("reviewer", "union", [Role.OFFICER], False),
        ("viewer", "street", [Role.VIEWER], False),
        ("officer", "union", [Role.OFFICER], False),
        ("claimant", "street", [Role.ADMIN], False),
        ("district_admin", "street", [Role.ADMIN], True),
        ("district_admin", "street", [Role.ADMIN, Role.REVIEWER], False),
        ("district_admin", "city", [Role.ADMIN], False),
        ("platform_admin", "city", [Role.PLATFORM_ADMIN], True),
        ("platform_admin", "street", [Role.ADMIN], False),
    ],
)
def test_who_may_make_which_account(cast, manager, where, roles, may):
    assert can_create_account(getattr(cast, manager), getattr(cast, where), roles) is may


def test_only_a_platform_administrator_makes_platform_administrators(cast):
    admin = make_user(cast.city, Role.ADMIN)
    assert not can_create_account(admin, cast.city, [Role.PLATFORM_ADMIN])
    assert not can_switch_account(admin, cast.platform_admin)
    assert can_switch_account(cast.platform_admin, admin)


@pytest.mark.parametrize(
    ("manager", "account", "may"),
    [
        ("reviewer", "viewer", True),
        ("reviewer", "reviewer", False),
        ("reviewer", "other_reviewer", False),
        ("reviewer", "officer", True),
        ("reviewer", "neighbour_officer", False),
        ("district_admin", "officer", False),
        ("viewer", "officer", False),
        ("viewer", "reviewer", False),
        ("district_admin", "reviewer", True),
        ("district_admin", "viewer", False),
        ("platform_admin", "district_admin", True),
        ("platform_admin", "reviewer", False),
        ("officer", "reviewer", False),
    ],
)
def test_who_may_disable_whom(cast, manager, account, may):
    assert can_switch_account(getattr(cast, manager), getattr(cast, account)) is may


def test_disabling_ends_the_sessions_at_once(client, cast):
    viewer = Client()
    viewer.post("/accounts/login/", {"login": cast.viewer.email, "password": PASSWORD})
    assert viewer.get("/home/").status_code == 200
    client.force_login(cast.reviewer)
    client.post(f"/accounts/users/{cast.viewer.pk}/disable/")
    assert viewer.get("/home/").status_code == 302
    assert not viewer.session.keys()
    assert Entry.objects.filter(verb="account.disabled", object_id=cast.viewer.pk).count() == 1


def test_disabling_twice_and_enabling_twice_is_refused(cast):
    actions.disable_account(cast.viewer, by=cast.reviewer)
    with pytest.raises(Refused, match="已经停用"):
        actions.disable_account(cast.viewer, by=cast.reviewer)
    actions.enable_account(cast.viewer, by=cast.reviewer)
    with pytest.raises(Refused, match="已经启用"):
        actions.enable_account(cast.viewer, by=cast.reviewer)


@pytest.mark.parametrize("verb", ["disable", "enable", "invite"])
def test_accounts_out_of_scope_do_not_exist(client, cast, verb):
    client.force_login(cast.reviewer)
    assert client.post(f"/accounts/users/{cast.other_reviewer.pk}/{verb}/").status_code == 404
    assert client.get(f"/accounts/users/{cast.viewer.pk}/{verb}/").status_code == 405


@pytest.mark.parametrize("user", ["viewer", "officer", "claimant"])
def test_only_administrators_see_the_pages(client, cast, user):
    client.force_login(getattr(cast, user))
    assert client.get("/accounts/users/").status_code == 403
    assert client.get("/accounts/users/new/").status_code == 403


def test_list_shows_ones_own_and_the_administrators_below(client, cast):
    client.force_login(cast.district_admin)
    page = client.get("/accounts/users/").text
    assert cast.reviewer.email in page
    assert cast.other_reviewer.email in page
    assert cast.viewer.email not in page
    assert cast.officer.email not in page
    assert cast.bureau_admin.email not in page


def test_list_is_filtered(client, cast):
    client.force_login(cast.reviewer)
    assert cast.viewer.email not in client.get("/accounts/users/?q=不存在").text
    assert "没有符合条件的账号" in client.get("/accounts/users/?state=disabled").text


def test_new_account_by_the_form(client, cast, bare_street):
    client.force_login(cast.district_admin)
    form = {"union": bare_street.pk, "email": "x@demo.test", "name": "镇管理员", "roles": ["admin"]}
    assert client.post("/accounts/users/new/", form).url == "/accounts/users/"
    refused = client.post("/accounts/users/new/", form | {"email": "y@demo.test"})
    assert refused.status_code == 422
    assert "已有管理员" in refused.text
    outside = client.post("/accounts/users/new/", form | {"union": cast.company.pk})
    assert outside.status_code == 422


@pytest.mark.parametrize("rows", [10, 100])
def test_list_takes_the_same_number_of_queries(client, cast, rows, django_assert_max_num_queries):
    for _ in range(rows):
        make_user(cast.street, Role.VIEWER)
    client.force_login(cast.reviewer)
    client.get("/accounts/users/?size=100")
    with django_assert_max_num_queries(9):
        client.get("/accounts/users/?size=100")


def test_own_name_is_changed_on_the_settings_page(client, cast):
    client.force_login(cast.officer)
    page = client.get("/accounts/settings/").text
    for words in ("修改密码", "更换邮箱", "设置动态口令", "查看登录设备", "经办人"):
        assert words in page
    client.post("/accounts/settings/", {"name": "李雷"})
    cast.officer.refresh_from_db()
    assert cast.officer.name == "李雷"
    assert Entry.objects.filter(verb="account.renamed").count() == 1
