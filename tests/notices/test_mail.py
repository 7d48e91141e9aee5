"""E-mail over a real SMTP server: it arrives, its link works, with its change or not at all. Batches and failures: test_outbox.py."""

import pytest
from django.conf import settings as django_settings
from django.core.cache import cache
from django.db import transaction

from gonghui.accounts.models import User
from gonghui.notices.actions import send_mail
from gonghui.notices.models import Mail
from tests.factories import PASSWORD, PRIVACY
from tests.jobs import run_jobs
from tests.mailbox import links, make_mailbox

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def mailbox(settings):
    cache.clear()  # the limits on repeated mail are not rolled back
    return make_mailbox(settings)


def test_registration_mail_arrives_and_its_link_proves_the_email(client, mailbox):
    form = {
        "email": "hr@newcomer.test",
        "password1": PASSWORD,
        "password2": PASSWORD,
        "employer_name": "上海新芽软件有限公司",
    } | PRIVACY
    response = client.post("/accounts/signup/", form)
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
    assert Mail.objects.get().state == Mail.State.WAITING


def test_with_a_mail_server_there_is_no_page_of_the_mail(client, mailbox):
    send_mail("a@demo.test", "请验证", "链接")
    assert client.get("/demo/mail/").status_code == 404
    assert "演示邮箱" not in client.get("/accounts/login/").text
