"""Chapter 1: each role signs in, sees its own front page, and leaves."""

import pytest
from playwright.sync_api import Page, expect

from gonghui.demo_data.cast import CLINIC, TOLD, UNION_A
from tests.journeys.pages import field, look, sign_in

EMAILS = [email for email, _ in TOLD if email != CLINIC.email]
"""A clinic binds its second factor first: test_checkups.py."""


@pytest.mark.parametrize("path", ["/", "/platform/", "/help/", "/accounts/login/", "/accounts/signup/"])
def test_the_public_pages_are_open_to_all(page: Page, path: str):
    page.goto(path)
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    look(page, "public" + path.replace("/", "-").rstrip("-"))


@pytest.mark.parametrize("email", EMAILS)
def test_each_role_signs_in_to_its_own_front_page(page: Page, email: str):
    sign_in(page, email)
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    look(page, f"home-{email.partition('@')[0]}")


def test_from_the_city_s_page_to_the_platform_in_and_out(page: Page):
    page.goto("/")
    page.get_by_role("link", name="上海工会网上工作平台").last.click()
    page.get_by_role("link", name="登录", exact=True).first.click()
    page.get_by_label("用户名").fill(UNION_A.email)
    field(page, "密码").fill("not-the-password")
    page.get_by_role("main").get_by_role("button", name="登录").click()
    expect(page.get_by_role("main")).to_contain_text("用户名或密码不正确")
    look(page, "login-refused")
    sign_in(page, UNION_A.email)
    expect(page.locator("body")).to_contain_text(f"{UNION_A.employer}工会")
