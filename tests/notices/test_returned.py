"""A refused address is shown to the sender of the mail and to the administrator of the account."""

import pytest
from django.urls import reverse

from gonghui.accounts.models import User
from gonghui.inspections.reminders import actions as reminders
from gonghui.notices.models import Mail, Notice
from gonghui.notices.returned import reason
from tests.factories import PASSWORD
from tests.inspections.stories import opened
from tests.jobs import run_jobs
from tests.mailbox import make_mailbox
from tests.markup import markup

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def refusing(settings):
    """A mail server without the mailbox wrong@."""
    mailbox = make_mailbox(settings)
    mailbox.answers["wrong@demo.test"] = "550 5.1.1 User unknown"
    with mailbox.up():
        yield mailbox


def invite(client, cast) -> User:
    """Invites on the page, with a typing error in the address."""
    client.force_login(cast.district_admin)
    form = {"union": cast.district.pk, "email": "wrong@demo.test", "name": "王小明", "roles": ["reviewer"]}
    assert client.post(reverse("accounts:create"), form).status_code == 302
    run_jobs("urgent_mail")
    return User.objects.get(email="wrong@demo.test")


def test_an_invitation_that_is_refused_rings_the_inviters_bell(client, cast, refusing):
    invite(client, cast)
    notice = Notice.objects.get()
    assert notice.user == cast.district_admin
    assert "发给 wr****@demo.test 的“" in notice.body
    assert "这个邮箱不存在，或者不接收邮件（服务器答复 550）。请与收件人核对邮箱地址" in notice.body
    assert "有 1 封邮件没有送达" in client.get(reverse("notices:list")).text


def test_the_pages_of_accounts_show_it_until_a_mail_arrives(client, cast, refusing):
    user = invite(client, cast)
    page = markup(client.get(reverse("accounts:account", args=[user.pk])))
    assert "没有送达：这个邮箱不存在，或者不接收邮件（服务器答复 550）。" in page
    assert "请核对邮箱 wrong@demo.test" in page
    assert client.get(reverse("accounts:list")).text.count("邮件未送达") == 1
    del refusing.answers["wrong@demo.test"]
    assert client.post(reverse("accounts:invite", args=[user.pk])).status_code == 302
    run_jobs("urgent_mail")
    assert "没有送达" not in client.get(reverse("accounts:account", args=[user.pk])).text
    assert "邮件未送达" not in client.get(reverse("accounts:list")).text


def test_mail_that_a_job_writes_has_the_sender_whose_act_it_carries_out(cast):
    window = opened(cast)
    reminders.remind_union(window, cast.union, by=cast.reviewer)
    assert set(Mail.objects.filter(subject__contains="提醒").values_list("sent_by", flat=True)) == {cast.reviewer.pk}


def test_mail_of_somebody_who_is_not_signed_in_has_no_sender(client, cast):
    client.post(reverse("account_reset_password"), {"email": cast.officer.email})
    assert Mail.objects.get().sent_by is None
    client.post(reverse("account_signup"), {"email": "hr@newcomer.test", "password1": PASSWORD, "password2": PASSWORD})
    assert set(Mail.objects.values_list("sent_by", flat=True)) == {None}


@pytest.mark.parametrize(
    ("error", "words"),
    [
        ("550 5.1.1 User unknown", "这个邮箱不存在，或者不接收邮件（服务器答复 550）"),
        ("550 5.2.2 Over quota", "对方邮箱已满，或者邮件太大（服务器答复 550）"),
        ("452 4.2.2 Over quota", "对方邮箱已满，或者邮件太大（服务器答复 452）"),
        ("554 5.7.1 Spam", "对方的邮件服务器没有接收（服务器答复 554）"),
        ("450 Greylisted", "对方的邮件服务器没有接收（服务器答复 450）"),
        ("ConnectionRefusedError: [Errno 111] Connection refused", "邮件服务器一直没有应答"),
        ("", "邮件服务器一直没有应答"),
    ],
)
def test_what_the_server_said_is_told_in_plain_words(error, words):
    assert reason(error) == words
