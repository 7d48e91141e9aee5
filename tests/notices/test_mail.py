"""E-mail over a real SMTP server: it arrives only if its change commits, and its link works. Batches: test_outbox.py."""

from dataclasses import replace

import pytest
from django.conf import settings as django_settings
from django.core.cache import cache
from django.db import transaction

from gonghui.accounts.models import User
from gonghui.notices.actions import notify, send_mail
from gonghui.notices.models import Mail, MailState, Notice
from tests.factories import PASSWORD, PRIVACY
from tests.jobs import run_jobs
from tests.mailbox import links, make_mailbox

pytestmark = pytest.mark.django_db(transaction=True)

FORM = {
    "email": "hr@newcomer.test",
    "password1": PASSWORD,
    "password2": PASSWORD,
    "name": "方晓雯",
    "employer_name": "上海新芽软件有限公司",
} | PRIVACY


@pytest.fixture
def mailbox(settings):
    cache.clear()  # the limits on repeated mail are not rolled back
    return make_mailbox(settings)


def test_registration_mail_arrives_and_its_link_proves_the_email(client, mailbox):
    response = client.post("/accounts/signup/", FORM)
    assert response.url == "/accounts/confirm-email/"
    with mailbox.up():
        run_jobs("urgent_mail")
    (message,) = mailbox.messages
    assert message["To"] == "hr@newcomer.test"
    assert message["Subject"].strip() == "【上海工会网上工作平台】请验证您的邮箱，完成注册"
    body = message.get_content()
    assert "完成注册" in body
    assert "&" not in body
    link = next(path for path in links(body) if "confirm-email" in path)
    assert "请确认" in client.get(link).text
    assert client.post(link).url == "/home/"
    assert client.get("/home/").status_code == 200
    assert User.objects.get(email="hr@newcomer.test").union.name == "上海新芽软件有限公司"


def test_no_mail_leaves_when_its_transaction_is_rolled_back(mailbox):
    with transaction.atomic():
        send_mail("a@demo.test", "主题", "正文")
        transaction.set_rollback(True)
    with mailbox.up():
        run_jobs("urgent_mail")
    assert not Mail.objects.exists()
    assert not mailbox.messages


def test_the_body_is_sealed_at_rest(mailbox):
    mail = send_mail("a@demo.test", "主题", "里面有登录链接")
    assert "登录链接".encode() not in bytes(Mail.objects.get().body_sealed)
    assert mail.body == "里面有登录链接"


def test_the_demo_keeps_its_mail_and_shows_it(client):
    assert django_settings.ENVIRONMENT.demo
    send_mail("a@demo.test", "请验证", "链接 http://localhost/accounts/login/ 在此")
    run_jobs("urgent_mail")
    page = client.get("/demo/mail/").text
    assert '<a href="http://localhost/accounts/login/"' in page
    assert Mail.objects.get().state == MailState.WAITING


def test_with_a_mail_server_there_is_no_page_of_the_mail(client, mailbox):
    send_mail("a@demo.test", "请验证", "链接")
    assert client.get("/demo/mail/").status_code == 404
    assert "演示邮箱" not in client.get("/accounts/login/").text


def test_a_notice_by_mail_has_its_link_its_sender_and_one_full_stop_at_a_time(cast, settings):
    settings.ENVIRONMENT = replace(settings.ENVIRONMENT, base_url="https://gonghui.example.test")
    with transaction.atomic():
        notify([cast.officer], "资料被退回。", body="审批意见：请改正。。原来的资料不变", url="/filings/")
    text = Mail.objects.get(to=cast.officer.email).body
    assert text.startswith(f"{cast.officer.name}，您好：\n\n资料被退回。审批意见：请改正。原来的资料不变")
    assert "请登录平台查看：\nhttps://gonghui.example.test/filings/\n" in text
    assert settings.ENVIRONMENT.title in text
    assert settings.ENVIRONMENT.support_phone in text
    notice = Notice.objects.get(user=cast.officer)
    assert (notice.title, notice.body) == ("资料被退回。", "审批意见：请改正。原来的资料不变")


def test_a_mail_to_an_address_that_is_not_proved_says_nothing_that_somebody_typed(client, db):
    client.post("/accounts/signup/", FORM | {"name": "Visit evil.com"})
    assert Mail.objects.filter(to=FORM["email"]).exists()
    for mail in Mail.objects.all():
        assert "evil" not in mail.subject + mail.body
        assert "您好：" in mail.body
