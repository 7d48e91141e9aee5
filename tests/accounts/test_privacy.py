"""「个人信息处理说明」: public; an account must accept it before it works; the accepted version is recorded (PIPL 17)."""

from dataclasses import replace

import pytest
from django.urls import reverse

from gonghui.accounts.models import PrivacyAcceptance, User
from gonghui.accounts.privacy import accept_privacy, current_version
from gonghui.audit.models import Entry
from gonghui.config.environment import BadEnvironment, PrivacyNotice, read
from gonghui.kit.errors import Refused
from tests.factories import PASSWORD, PRIVACY, make_user

NOTICE, ACCEPT = "/privacy/", "/accounts/privacy/"
FORM = {
    "email": "hr@newcomer.test",
    "password1": PASSWORD,
    "password2": PASSWORD,
    "name": "方晓雯",
    "employer_name": "上海新芽软件有限公司",
}

pytestmark = pytest.mark.django_db


@pytest.fixture
def newer(settings) -> str:
    """The operator has replaced the text."""
    notice = PrivacyNotice("# 个人信息处理说明\n\n版本：2027-01\n\n新的用途。<script>x</script>", "2027-01")
    settings.ENVIRONMENT = replace(settings.ENVIRONMENT, privacy=notice)
    return notice.version


@pytest.mark.parametrize(
    "path", ["/", "/platform/", "/accounts/login/", "/accounts/signup/", "/manual/whole/", "/home/", "/members/"]
)
def test_every_page_leads_to_the_notice(client, cast, path):
    if path in ("/home/", "/members/"):
        client.force_login(cast.officer)
    assert f'href="{NOTICE}"' in client.get(path).text


def test_the_notice_names_what_the_law_wants(client):
    text = client.get(NOTICE).text
    for words in (
        "上海市总工会", "021-00000000", "support@demo.test", "用来做什么", "证件号码", "敏感个人信息", "依据什么处理",
        "保存多久", "提供给谁", "制卡单位", "您的权利", "撤回", "怎样保护", "版本：2026-11-27",
    ):  # fmt: skip
        assert words in text
    assert "{" not in text[text.index("<article") : text.index("</article")]


def test_the_text_is_the_operators(client, newer):
    text = client.get(NOTICE).text
    assert "新的用途。&lt;script&gt;" in text


@pytest.mark.parametrize(
    ("text", "words"), [(None, "cannot be read"), ("# 说明", "a line 版本"), (b"\xff\xfe", "GONGHUI_PRIVACY_FILE")]
)
def test_a_file_that_is_no_notice_is_told_at_the_start(tmp_path, text, words):
    path = tmp_path / "notice.md"
    if text is not None:
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(BadEnvironment, match=words):
        read({"GONGHUI_DEMO": "1", "GONGHUI_PRIVACY_FILE": str(path)})
    path.write_text("# 说明\n\n版本： 3.1 \n", "utf-8")
    assert read({"GONGHUI_DEMO": "1", "GONGHUI_PRIVACY_FILE": str(path)}).privacy.version == "3.1"


def test_registration_records_what_was_accepted(client):
    assert client.post("/accounts/signup/", FORM).context["form"].errors["privacy"]
    assert not User.objects.exists()
    client.post("/accounts/signup/", FORM | PRIVACY)
    acceptance = PrivacyAcceptance.objects.get()
    assert (acceptance.user.email, acceptance.version) == ("hr@newcomer.test", current_version())
    entry = Entry.objects.get(verb="account.privacy_accepted")
    assert (entry.actor, entry.data) == (acceptance.user, {"version": current_version()})


def test_a_form_that_showed_an_older_notice_is_asked_again_for_the_newer(client, newer):
    refused = client.post("/accounts/signup/", FORM | PRIVACY)
    assert "刚刚更新" in refused.context["form"].errors["privacy"][0]
    assert f'value="{newer}"' in refused.text


def test_who_has_accepted_nothing_reads_first_and_is_asked_once(client, cast):
    PrivacyAcceptance.objects.filter(user=cast.officer).delete()
    client.force_login(cast.officer)
    assert client.get("/members/").url == ACCEPT
    assert client.post(reverse("members:check")).url == ACCEPT
    page = client.get(ACCEPT)
    assert (page.status_code, client.get(NOTICE).status_code) == (200, 200)
    assert client.post(ACCEPT, {"privacy_version": current_version()}).status_code == 422
    assert client.get("/home/").url == ACCEPT
    assert client.post(ACCEPT, PRIVACY).url == "/home/"
    assert client.get("/members/").status_code == 200
    assert "同意版本" in client.get(ACCEPT).text


def test_who_does_not_accept_can_still_sign_out(client, cast):
    PrivacyAcceptance.objects.filter(user=cast.officer).delete()
    client.force_login(cast.officer)
    assert client.post("/accounts/logout/").status_code == 302
    assert client.get("/home/").url.startswith("/accounts/login/")


def test_a_new_version_is_shown_again_and_the_old_acceptance_is_kept(client, cast, newer):
    client.force_login(cast.officer)
    assert client.get("/home/").url == ACCEPT
    assert client.post(ACCEPT, PRIVACY).status_code == 422
    assert client.post(ACCEPT, PRIVACY | {"privacy_version": newer}).url == "/home/"
    acceptance = PrivacyAcceptance.objects.get(user=cast.officer)
    assert acceptance.version == newer
    assert [old.version for old in acceptance.events.all()] == [PRIVACY["privacy_version"]]


def test_an_older_version_is_not_accepted(cast):
    with pytest.raises(Refused, match="刚刚更新"):
        accept_privacy(cast.officer, "2001-01-01")


def test_the_page_costs_no_further_statement(client, cast, django_assert_num_queries):
    """The acceptance is loaded with the user."""
    client.force_login(make_user(cast.union))
    client.get(NOTICE)
    with django_assert_num_queries(2):  # session, user
        client.get(NOTICE)
