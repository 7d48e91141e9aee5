"""交接: an account's roles go to a successor (SPEC 1.4)."""

import threading

import pytest
from django.db import connection
from django.test import Client

from gonghui.accounts import actions
from gonghui.accounts.handover import hand_over
from gonghui.accounts.models import Role, User
from gonghui.audit.models import Entry
from gonghui.kit.errors import Refused
from gonghui.notices.models import Mail
from gonghui.reviews.models import Phrase
from tests.accounts.outbox import last_body, last_link
from tests.factories import PASSWORD, make_user
from tests.people import make_cast

NEW = {"email": "New@demo.test", "name": "新经办人"}


@pytest.fixture
def leaving(cast) -> User:
    """A reviewer of the street who will leave."""
    return make_user(cast.street, Role.REVIEWER, name="王敏")


def page_of(user: User) -> str:
    return f"/accounts/users/{user.pk}/hand-over/"


def test_a_colleague_takes_over_roles_and_phrases_and_both_are_told(cast, leaving):
    Phrase.objects.create(user=leaving, text="资料齐全。")
    Phrase.objects.create(user=leaving, kind="filing", text="同意。")
    Phrase.objects.create(user=leaving, kind="amendment", text="同意。")
    Phrase.objects.create(user=cast.viewer, kind="filing", text="同意。")
    hand_over(leaving, successor=cast.viewer, by=cast.reviewer)
    leaving.refresh_from_db()
    cast.viewer.refresh_from_db()
    assert (leaving.is_active, leaving.roles) == (False, [])
    assert cast.viewer.roles == ["reviewer", "viewer"]
    phrases = [("", "资料齐全。"), ("amendment", "同意。"), ("filing", "同意。")]
    assert sorted(cast.viewer.phrases.values_list("kind", "text")) == phrases
    assert not leaving.phrases.exists()
    assert "移交给五角场镇查看人" in last_body(leaving.email)
    assert "王敏在五角场镇工会的角色移交给您" in last_body(cast.viewer.email)
    entry = Entry.objects.get(verb="account.handed_over")
    assert (entry.object_id, entry.data) == (leaving.pk, {"roles": ["reviewer"], "successor": "五角场镇查看人"})


def test_a_new_email_takes_over_by_its_invitation(client, cast):
    new = hand_over(cast.officer, **NEW, by=cast.reviewer)
    assert (new.email, new.union, new.roles, new.name) == ("new@demo.test", cast.union, ["officer"], "新经办人")
    assert "接替示例经办人的工作" in last_body("new@demo.test")
    assert client.get(last_link("new@demo.test", "/password/reset/key/")).status_code == 302
    assert "您的账号 " in last_body(cast.officer.email)


def test_the_old_account_is_out_at_once_and_what_it_did_stays_under_its_name(client, cast):
    officer = Client()
    officer.post("/accounts/login/", {"login": cast.officer.email, "password": PASSWORD})
    assert officer.get("/members/").status_code == 200
    client.force_login(cast.reviewer)
    answer = client.post(page_of(cast.officer), NEW)
    assert answer.url == f"/accounts/unions/{cast.union.pk}/"
    assert officer.get("/members/").status_code == 302
    assert Entry.objects.filter(verb="account.signed_in", actor=cast.officer, actor_label="示例经办人").exists()


@pytest.mark.parametrize(
    ("manager", "account"),
    [
        ("viewer", "reviewer"),
        ("reviewer", "reviewer"),
        ("reviewer", "district_admin"),
        ("reviewer", "other_reviewer"),
        ("reviewer", "neighbour_officer"),
        ("district_admin", "officer"),
        ("district_admin", "viewer"),
        ("officer", "officer"),
    ],
)
def test_who_may_not_hand_over_whom(cast, manager, account):
    with pytest.raises(Refused):
        hand_over(getattr(cast, account), **NEW, by=getattr(cast, manager))
    assert not Mail.objects.exists()
    assert not User.objects.filter(email="new@demo.test").exists()


def test_a_platform_administrator_is_handed_over_by_another_one_alone(cast):
    admin = make_user(cast.city, Role.ADMIN)
    with pytest.raises(Refused):
        hand_over(cast.platform_admin, **NEW, by=admin)
    another = make_user(cast.city, Role.ADMIN, Role.PLATFORM_ADMIN)
    assert hand_over(cast.platform_admin, **NEW, by=another).is_platform_admin


def test_a_second_hand_over_is_refused(cast, leaving):
    hand_over(leaving, **NEW, by=cast.reviewer)
    with pytest.raises(Refused, match="可能已移交"):
        hand_over(leaving, email="b@demo.test", name="乙", by=cast.reviewer)


def test_a_mistake_is_handed_back(cast, leaving):
    hand_over(leaving, successor=cast.viewer, by=cast.reviewer)
    actions.enable_account(leaving, by=cast.reviewer)
    actions.change_roles(leaving, roles=[Role.REVIEWER], by=cast.reviewer)
    leaving.refresh_from_db()
    assert (leaving.is_active, leaving.roles) == (True, ["reviewer"])


@pytest.mark.parametrize(
    ("successor", "words"),
    [("leaving", "另一个账号"), ("other_reviewer", "另一个账号"), ("disabled", "已停用"), (None, "两者选一")],
)
def test_who_cannot_be_the_successor(cast, leaving, successor, words):
    disabled = make_user(cast.street, Role.VIEWER, is_active=False)
    people = {"leaving": leaving, "disabled": disabled, None: None}
    with pytest.raises(Refused, match=words):
        hand_over(leaving, successor=people.get(successor) or getattr(cast, successor or "", None), by=cast.reviewer)
    leaving.refresh_from_db()
    assert (leaving.is_active, leaving.roles) == (True, ["reviewer"])


@pytest.mark.parametrize(("owner", "words"), [("viewer", "已有账号"), ("far_officer", "已有账号")])
def test_a_taken_email_is_refused_beside_the_field(client, cast, leaving, owner, words):
    client.force_login(cast.reviewer)
    answer = client.post(page_of(leaving), {"email": getattr(cast, owner).email, "name": "某人"})
    assert answer.status_code == 422
    assert words in answer.text
    leaving.refresh_from_db()
    assert leaving.is_active


def test_the_page_says_what_will_happen_and_asks_for_a_name(client, cast, leaving):
    client.force_login(cast.reviewer)
    page = client.get(page_of(leaving)).text
    assert "原账号停用" in page
    assert cast.viewer.email in page
    assert cast.other_reviewer.email not in page
    answer = client.post(page_of(leaving), {"email": "c@demo.test"})
    assert answer.status_code == 422
    assert "请填写接任人的姓名" in answer.text
    both = client.post(page_of(leaving), NEW | {"successor": cast.viewer.pk})
    assert "两者选一" in both.text


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("act", ["disable", "hand_over", "roles"])
def test_two_administrators_who_act_on_each_other_at_once_leave_one(act):
    cast = make_cast()
    people = [make_user(cast.district, name="甲"), make_user(cast.district, name="乙")]
    User.objects.filter(pk=cast.district_admin.pk).update(is_active=False)
    start, outcomes = threading.Barrier(2), []

    def against(by: User, user: User) -> None:
        start.wait()
        try:
            if act == "disable":
                actions.disable_account(user, by=by)
            elif act == "roles":
                actions.change_roles(user, roles=[Role.VIEWER], by=by)
            else:
                hand_over(user, email=f"{by.pk}@demo.test", name="接任", by=by)
            outcomes.append("")
        except Refused as refusal:
            outcomes.append(refusal.sentence)
        finally:
            connection.close()

    fresh = [[User.objects.get(pk=user.pk) for user in order] for order in (people, people[::-1])]
    threads = [threading.Thread(target=against, args=pair) for pair in fresh]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    done, sentence = sorted(outcomes)
    assert done == ""
    assert "不是在用的管理员" in sentence
    assert User.objects.administrators().filter(union=cast.district).exists()
