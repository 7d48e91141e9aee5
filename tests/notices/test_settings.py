"""Which notices a user wants by mail: each, once a day, or none; and of which subjects (SPEC 7.1)."""

import pytest
from django.urls import reverse

from gonghui.notices.actions import notify
from gonghui.notices.models import Mail, MailChoice, Notice, NoticeSetting
from gonghui.notices.settings import MAX_LISTED, SUBJECTS, save_setting, send_digests, subject_of, ways
from tests.factories import make_user

pytestmark = pytest.mark.django_db

CARDS, TRANSFERS = "/cards/", "/transfers/?tab=waiting"


def mailed() -> list[str]:
    return list(Mail.objects.order_by("pk").values_list("to", flat=True))


@pytest.mark.parametrize(
    ("url", "subject"),
    [(CARDS, "cards"), (TRANSFERS, "transfers"), ("/imports/members/", "members"), ("/home/", "other"), ("", "other")],
)
def test_the_subject_is_that_of_the_page_to_which_a_notice_leads(url, subject):
    assert subject_of(url) == subject
    assert subject in SUBJECTS


def test_who_chose_nothing_gets_each_by_mail(cast):
    notify([cast.officer], "办卡批次已通过", url=CARDS)
    assert mailed() == [cast.officer.email]


def test_a_subject_without_mail_still_rings_the_bell(cast):
    save_setting(cast.officer, mail=MailChoice.EACH, silent=["cards"])
    notify([cast.officer], "办卡批次已通过", url=CARDS)
    notify([cast.officer], "会员转出待审核", url=TRANSFERS)
    assert len(mailed()) == 1
    assert Notice.objects.filter(user=cast.officer).count() == 2


def test_none_means_the_bell_alone(cast):
    save_setting(cast.officer, mail=MailChoice.NONE, silent=[])
    notify([cast.officer, cast.reviewer], "办卡批次已通过", url=CARDS)
    assert mailed() == [cast.reviewer.email]


def test_a_daily_mail_holds_what_came_and_comes_once(cast):
    save_setting(cast.officer, mail=MailChoice.DAILY, silent=[])
    for number in range(3):
        notify([cast.officer], f"第 {number} 批已通过", url=CARDS)
    assert mailed() == []
    assert send_digests() == 1
    (mail,) = Mail.objects.all()
    assert "您有 3 条通知" in mail.subject
    assert [f"第 {number} 批已通过" in mail.body for number in range(3)] == [True] * 3
    assert send_digests() == 0


def test_a_long_day_is_summed_up(cast):
    save_setting(cast.officer, mail=MailChoice.DAILY, silent=[])
    for number in range(MAX_LISTED + 5):
        notify([cast.officer], f"第 {number} 批已通过", url=CARDS)
    send_digests()
    assert "另有 5 条" in Mail.objects.get().body


def test_who_wants_no_daily_mail_any_more_gets_none(cast):
    save_setting(cast.officer, mail=MailChoice.DAILY, silent=[])
    notify([cast.officer], "办卡批次已通过", url=CARDS)
    save_setting(cast.officer, mail=MailChoice.EACH, silent=[])
    assert send_digests() == 0


def test_an_account_that_was_disabled_gets_no_daily_mail(cast):
    save_setting(cast.officer, mail=MailChoice.DAILY, silent=[])
    notify([cast.officer], "办卡批次已通过", url=CARDS)
    cast.officer.is_active = False
    cast.officer.save()
    assert send_digests() == 0
    assert not Notice.objects.filter(digest=True).exists()


def test_the_choices_of_many_are_one_statement(cast, django_assert_num_queries):
    users = [make_user(cast.union) for _ in range(5)]
    with django_assert_num_queries(1):
        assert set(ways(users, CARDS).values()) == {MailChoice.EACH}


def test_the_page_shows_what_is_kept_and_keeps_what_is_chosen(cast, client):
    client.force_login(cast.officer)
    page = reverse("notices:settings")
    assert client.get(page).status_code == 200
    answer = client.post(page, {"mail": "daily", "subjects": ["reviews", "cards"]}, follow=True)
    assert "通知设置已保存" in answer.text
    setting = NoticeSetting.objects.get(user=cast.officer)
    assert (setting.mail, set(setting.silent)) == ("daily", set(SUBJECTS) - {"reviews", "cards"})
    assert client.post(page, {"mail": "hourly"}).status_code == 422
