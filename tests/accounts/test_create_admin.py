"""The command line creates the first platform administrator."""

import io
import re

import pytest
from django.core.management import CommandError, call_command

from gonghui.accounts.models import User
from gonghui.audit.models import Entry
from gonghui.unions.loading import load_tree

pytestmark = pytest.mark.django_db
PASSWORD = "correct-horse-42-battery"


def create(email: str) -> str:
    """Returns the path of the printed link."""
    output = io.StringIO()
    call_command("create_admin", email, stdout=output)
    return re.search(r"http://localhost:\d+(/\S+)", output.getvalue())[1]


def test_the_link_sets_the_password_of_a_platform_administrator(client):
    load_tree("上海市")
    page = client.get(create("Admin@Example.test"), follow=True)
    client.post(page.redirect_chain[-1][0], {"password1": PASSWORD, "password2": PASSWORD})
    user = User.objects.get(email="admin@example.test")
    assert user.check_password(PASSWORD)
    assert user.is_platform_admin
    assert user.has_role("admin")
    entry = Entry.objects.get(verb="account.created")
    assert (entry.actor_label, entry.object_id) == ("系统", user.pk)


def test_until_the_password_is_set_the_link_can_be_had_again():
    load_tree("上海市")
    create("admin@example.test")
    assert create("admin@example.test")
    assert User.objects.count() == 1


def test_an_account_in_use_is_not_given_away(cast):
    with pytest.raises(CommandError, match="这个邮箱已有账号"):
        create(cast.platform_admin.email)
    with pytest.raises(CommandError, match="这个邮箱已有账号"):
        create(cast.officer.email)


def test_without_a_city_the_way_is_told():
    with pytest.raises(CommandError, match="请先运行 gonghui manage load_tree"):
        create("admin@example.test")


def test_what_is_no_email_is_told():
    with pytest.raises(CommandError, match="admin is no e-mail address"):
        create("admin")
