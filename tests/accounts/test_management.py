"""Reset, roles, and the officers of the unions directly below (SPEC 1.3, 1.4)."""

import pytest
from allauth.mfa.models import Authenticator
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from gonghui.accounts import actions
from gonghui.accounts.models import Role, User
from gonghui.accounts.rules import can_change_roles
from gonghui.accounts.sign_in import is_locked
from gonghui.audit.models import Entry
from gonghui.kit.errors import Refused
from gonghui.notices.models import Mail
from tests.accounts.outbox import last_body, last_link
from tests.factories import PASSWORD, make_user

PASS = "Another-2026-word"


def reset(user: User) -> str:
    return f"/accounts/users/{user.pk}/reset/"


def test_a_reset_sends_the_mail_and_lifts_the_lock_out(client, cast):
    locked = Client()
    for _ in range(5):
        locked.post("/accounts/login/", {"login": cast.officer.email, "password": "wrong"})
    assert is_locked(cast.officer.email)
    client.force_login(cast.reviewer)
    assert "登录已锁定" in client.get(f"/accounts/users/{cast.officer.pk}/").text
    assert client.post(reset(cast.officer)).status_code == 302
    assert not is_locked(cast.officer.email)
    assert "五角场镇工会的五角场镇审核人为您的账号" in last_body(cast.officer.email)
    assert "动态口令" not in last_body(cast.officer.email)
    form = client.get(last_link(cast.officer.email, "/password/reset/key/"))
    client.post(form.url, {"password1": PASS, "password2": PASS})
    assert locked.post("/accounts/login/", {"login": cast.officer.email, "password": PASS}).url == "/home/"
    entry = Entry.objects.get(verb="account.reset")
    assert entry.data == {"unlocked": True, "second_factor": False}


def test_the_second_factor_goes_by_the_tick_alone(client, cast):
    Authenticator.objects.create(user=cast.viewer, type=Authenticator.Type.TOTP, data={"secret": "x"})
    Authenticator.objects.create(user=cast.viewer, type=Authenticator.Type.RECOVERY_CODES, data={})
    client.force_login(cast.reviewer)
    client.post(reset(cast.viewer))
    assert cast.viewer.authenticator_set.count() == 2
    client.post(reset(cast.viewer), {"second_factor": "1"})
    assert not cast.viewer.authenticator_set.exists()
    assert "动态口令已移除" in last_body(cast.viewer.email)
    with pytest.raises(Refused, match="没有启用动态口令"):
        actions.reset_account(cast.viewer, second_factor=True, by=cast.reviewer)


def test_the_old_password_works_until_a_new_one_is_set(cast):
    actions.reset_account(cast.officer, second_factor=False, by=cast.reviewer)
    assert Client().post("/accounts/login/", {"login": cast.officer.email, "password": PASSWORD}).url == "/home/"


def test_a_reset_signs_the_account_out_at_once(client, cast):
    lost = Client()
    lost.post("/accounts/login/", {"login": cast.officer.email, "password": PASSWORD})
    assert lost.get("/home/").status_code == 200
    client.force_login(cast.reviewer)
    client.post(reset(cast.officer))
    assert lost.get("/home/").status_code == 302


def test_a_disabled_account_is_not_reset(cast):
    actions.disable_account(cast.viewer, by=cast.reviewer)
    with pytest.raises(Refused, match="已停用"):
        actions.reset_account(cast.viewer, second_factor=False, by=cast.reviewer)
    assert not Mail.objects.filter(to=cast.viewer.email).exists()


@pytest.mark.parametrize(
    ("manager", "account"),
    [
        ("reviewer", "reviewer"),
        ("reviewer", "district_admin"),
        ("reviewer", "neighbour_officer"),
        ("viewer", "officer"),
        ("district_admin", "viewer"),
        ("district_admin", "officer"),
        ("platform_admin", "reviewer"),
    ],
)
def test_who_may_not_reset_whom(cast, manager, account):
    with pytest.raises(Refused):
        actions.reset_account(getattr(cast, account), second_factor=False, by=getattr(cast, manager))
    assert not Mail.objects.exists()


@pytest.mark.parametrize(
    ("manager", "account", "roles", "may"),
    [
        ("reviewer", "viewer", [Role.REVIEWER], True),
        ("reviewer", "viewer", [Role.ADMIN, Role.REVIEWER, Role.VIEWER], True),
        ("reviewer", "viewer", [], False),
        ("reviewer", "viewer", [Role.OFFICER], False),
        ("reviewer", "viewer", [Role.PLATFORM_ADMIN], False),
        ("reviewer", "reviewer", [Role.ADMIN, Role.VIEWER], True),
        ("reviewer", "reviewer", [Role.REVIEWER], False),
        ("reviewer", "officer", [Role.OFFICER], False),
        ("district_admin", "reviewer", [Role.ADMIN], False),
        ("viewer", "viewer", [Role.ADMIN], False),
        ("platform_admin", "platform_admin", [Role.ADMIN], False),
        ("platform_admin", "platform_admin", [Role.ADMIN, Role.PLATFORM_ADMIN], True),
        ("claimant", "claimant", [Role.ADMIN], False),
    ],
)
def test_who_may_give_which_roles(cast, manager, account, roles, may):
    assert can_change_roles(getattr(cast, manager), getattr(cast, account), roles) is may


def test_roles_change_at_once_and_are_recorded(client, cast):
    client.force_login(cast.reviewer)
    answer = client.post(f"/accounts/users/{cast.viewer.pk}/roles/", {"roles": ["reviewer", "viewer"]})
    assert answer.status_code == 302
    cast.viewer.refresh_from_db()
    assert cast.viewer.roles == ["reviewer", "viewer"]
    assert Entry.objects.get(verb="account.roles_changed").data == {"old": ["viewer"], "new": ["reviewer", "viewer"]}


@pytest.mark.parametrize(
    ("account", "roles", "words"),
    [
        ("reviewer", ["reviewer"], "不能取消自己的管理员角色"),
        ("viewer", ["viewer"], "没有变化"),
        ("viewer", [], "请选择这一项"),
        ("viewer", ["officer"], "officer"),
    ],
)
def test_roles_that_cannot_be_are_refused_on_the_page(client, cast, account, roles, words):
    user = getattr(cast, account)
    client.force_login(cast.reviewer)
    answer = client.post(f"/accounts/users/{user.pk}/roles/", {"roles": roles})
    assert answer.status_code == 422
    assert words in answer.text
    before = user.roles
    user.refresh_from_db()
    assert user.roles == before


def test_nobody_disables_oneself(client, cast):
    client.force_login(cast.reviewer)
    answer = client.post(f"/accounts/users/{cast.reviewer.pk}/disable/")
    assert answer.status_code == 409
    assert "不能停用自己的账号" in answer.text
    cast.reviewer.refresh_from_db()
    assert cast.reviewer.is_active


def test_an_administrator_who_was_disabled_meanwhile_does_nothing(cast):
    User.objects.filter(pk=cast.reviewer.pk).update(is_active=False)
    with pytest.raises(Refused, match="不是在用的管理员"):
        actions.disable_account(cast.viewer, by=cast.reviewer)


@pytest.mark.parametrize(
    ("user", "status"),
    [("reviewer", 200), ("viewer", 403), ("district_admin", 404), ("other_reviewer", 404), ("officer", 404)],
)
def test_the_officers_of_a_union_are_for_its_direct_superior(client, cast, user, status):
    client.force_login(getattr(cast, user))
    page = client.get(f"/accounts/unions/{cast.union.pk}/")
    assert page.status_code == status
    assert (cast.officer.email in page.text) == (status == 200)


def test_officers_below_are_managed_from_there_and_stay_out_of_the_list(client, cast):
    client.force_login(cast.reviewer)
    assert cast.officer.email not in client.get("/accounts/users/").text
    answer = client.post(f"/accounts/users/{cast.officer.pk}/disable/", follow=True)
    assert "已停用示例经办人的账号" in answer.text
    assert "已停用</span>" in answer.text
    client.post(f"/accounts/users/{cast.officer.pk}/enable/")
    cast.officer.refresh_from_db()
    assert cast.officer.is_active


def test_the_unions_page_leads_its_superior_to_the_officers(client, cast):
    for user, leads in (("reviewer", True), ("viewer", False), ("district_admin", False)):
        client.force_login(getattr(cast, user))
        assert ("管理经办人" in client.get(f"/filings/unions/{cast.union.pk}/").text) is leads


def test_ones_own_account_shows_no_way_to_shut_oneself_out(client, cast):
    client.force_login(cast.reviewer)
    page = client.get(f"/accounts/users/{cast.reviewer.pk}/").text
    assert "这是您自己的账号" in page
    assert "停用账号" not in page


def test_the_officers_take_the_same_number_of_queries(client, cast):
    client.force_login(cast.reviewer)
    counts = []
    for more in (9, 90):
        for _ in range(more):
            make_user(cast.union)
        client.get(f"/accounts/unions/{cast.union.pk}/?size=100")
        with CaptureQueriesContext(connection) as captured:
            page = client.get(f"/accounts/unions/{cast.union.pk}/?size=100")
        counts.append(len(captured))
    assert len(page.context["page"].rows) == 100
    assert counts[0] == counts[1]
