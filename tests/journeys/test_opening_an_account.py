"""Chapter 1: an employer registers, and its account is safe."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from gonghui.demo_data.cast import CLAIMANT, PASSWORD, UNION_A, UNION_B
from tests.journeys.mailbox import Mailbox
from tests.journeys.pages import code_of, look, picture, sign_in, try_to_sign_in
from tests.journeys.steps import Newcomer, approve, link_in, open_review, register

NEW_PASSWORD = "Another-2026-secret"


def test_from_the_home_page_to_the_first_sign_in(page: Page, mailbox: Mailbox, newcomer: Newcomer):
    page.goto("/")
    page.get_by_role("main").get_by_role("link", name="上海工会网上工作平台").click()
    page.get_by_role("banner").get_by_role("link", name="注册").click()
    page.get_by_label("企业邮箱").fill(newcomer.email)
    page.locator("#id_password1").fill(PASSWORD)
    page.get_by_label("再次输入密码").fill(PASSWORD)
    page.get_by_label("经办人姓名").fill(newcomer.name)
    name = page.get_by_role("combobox", name="单位名称")
    name.press_sequentially(newcomer.employer[:8])
    expect(page.get_by_role("option").first).to_be_visible()
    look(page, "register-suggestions")
    name.press("ArrowDown")
    while newcomer.employer not in page.get_by_role("option", selected=True).inner_text():
        name.press("ArrowDown")
    name.press("Enter")
    expect(name).to_have_value(newcomer.employer)
    expect(page.get_by_role("main")).to_contain_text(newcomer.code)
    with page.expect_popup() as opened:
        page.get_by_role("link", name="阅读《个人信息处理说明》").click()
    expect(opened.value.get_by_role("heading", level=1)).to_have_text("个人信息处理说明")
    look(opened.value, "privacy")
    opened.value.close()
    page.get_by_label("我已阅读并同意").check()
    look(page, "register-matched")
    picture(page, "register", height=1110)
    page.get_by_role("button", name="注册").click()
    expect(page.get_by_role("heading", name="请验证邮箱")).to_be_visible()
    look(page, "register-mail-sent")

    link = link_in(mailbox, newcomer.email, "验证邮箱")
    page.goto(link)
    look(page, "register-confirm")
    page.get_by_role("button", name="确认").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(newcomer.employer)
    look(page, "home-unfiled")

    sign_out(page)
    page.goto(link)
    expect(page.get_by_role("main")).to_contain_text("验证链接已失效")
    look(page, "register-link-used")


def test_a_name_in_no_register_and_mistakes_on_the_form(page: Page):
    page.goto("/accounts/signup/")
    page.get_by_label("企业邮箱").fill("someone@newcomer.test")
    page.locator("#id_password1").fill("short")
    page.get_by_label("再次输入密码").fill("other")
    page.get_by_role("combobox", name="单位名称").press_sequentially("上海从未登记")
    expect(page.get_by_role("status")).to_contain_text("可以直接注册")
    page.get_by_role("button", name="注册").click()
    summary = page.get_by_role("alert")
    expect(summary).to_be_focused()
    expect(summary).to_contain_text("处需要修改")
    look(page, "register-mistakes")
    summary.get_by_role("link").first.click()
    expect(page.locator("#id_password1, #id_password2").and_(page.locator(":focus"))).to_be_visible()


def test_both_boxes_sign_in_and_sign_out_ends_it(page: Page):
    page.goto("/")
    box = page.get_by_role("region", name="登录报送系统")
    box.get_by_label("用户名").fill("wujiaochang@demo.test")
    box.get_by_label("密码").fill(PASSWORD)
    box.get_by_role("button", name="登录").click()
    expect(page.locator(".masthead-union")).to_have_text("五角场街道工会")
    sign_out(page)
    page.goto("/home/")
    expect(page.get_by_role("heading", name="登录", exact=True)).to_be_visible()
    picture(page, "sign-in", height=500)
    sign_in(page, UNION_B.email)
    expect(page.get_by_role("heading", level=1)).to_have_text(f"{UNION_B.employer}工会")


def test_failures_lock_and_a_forgotten_password_is_set_anew_by_mail(page: Page, mailbox: Mailbox, newcomer: Newcomer):
    register(page, mailbox, newcomer)
    sign_out(page)
    for _ in range(5):
        try_to_sign_in(page, newcomer.email, "not-the-password")
    expect(page.get_by_role("heading", name="登录已暂时锁定")).to_be_visible()
    look(page, "locked")
    try_to_sign_in(page, newcomer.email, PASSWORD)
    expect(page.get_by_role("heading", name="登录已暂时锁定")).to_be_visible()

    page.get_by_role("link", name="通过邮箱重设密码").click()
    look(page, "password-forgotten")
    page.locator("#id_email").fill(newcomer.email)
    page.get_by_role("button", name="发送邮件").click()
    expect(page.get_by_role("heading", name="邮件已发送")).to_be_visible()
    look(page, "password-mail-sent")
    link = link_in(mailbox, newcomer.email, "设置新密码")
    page.goto(link)
    look(page, "password-new")
    page.locator("#id_password1").fill(NEW_PASSWORD)
    page.locator("#id_password2").fill(NEW_PASSWORD)
    page.get_by_role("button", name="保存新密码").click()
    expect(page.get_by_role("main")).to_contain_text("请用新密码登录")
    sign_in(page, newcomer.email, NEW_PASSWORD)
    sign_out(page)
    page.goto(link)
    expect(page.get_by_role("heading", name="链接已失效")).to_be_visible()
    look(page, "password-link-used")


def test_a_name_on_the_platform_is_a_claim_that_its_superior_decides(
    page: Page, page_of: Callable[[str], Page], mailbox: Mailbox
):
    claimant = Newcomer(employer=UNION_B.employer)
    register(page, mailbox, claimant)
    expect(page.get_by_role("main")).to_contain_text("您的账号认领正在等待上级工会审核")
    expect(page.get_by_role("navigation", name="主菜单", exact=True)).not_to_contain_text("会员管理")
    look(page, "home-claim-waiting")

    reviewer = page_of("xinjiangwan@demo.test")
    open_review(reviewer, claimant.email)
    expect(reviewer.get_by_role("main")).to_contain_text("申请邮箱已验证")
    look(reviewer, "review-claim")
    approve(reviewer)

    mailbox.wait_for(claimant.email, "账号认领已通过")
    page.goto("/home/")
    expect(page.get_by_role("heading", level=1)).to_have_text(f"{UNION_B.employer}工会")
    expect(page.get_by_role("navigation", name="主菜单", exact=True)).to_contain_text("会员管理")


def test_a_claimant_sees_nothing_of_the_union_before(page: Page):
    sign_in(page, CLAIMANT)
    for path in ("/filings/", "/members/export/", "/imports/members/", "/reviews/"):
        answer = page.goto(path)
        assert answer, path
        assert answer.status in (403, 404), path
        expect(page.locator("body")).not_to_contain_text(f"{UNION_A.employer}工会")
    page.goto("/members/")
    expect(page.get_by_role("main")).to_contain_text("还不能管理会员")
    expect(page.locator("table")).to_have_count(0)


def test_the_other_devices_are_signed_out(page: Page, new_page: Callable[[], Page], mailbox: Mailbox):
    newcomer = Newcomer()
    register(page, mailbox, newcomer)
    elsewhere = new_page()
    sign_in(elsewhere, newcomer.email)
    page.get_by_label("账号菜单").click()
    page.get_by_role("link", name="账号与安全").click()
    look(page, "settings")
    page.get_by_role("link", name="查看登录设备").click()
    expect(page.get_by_role("main")).to_contain_text("Chrome，Linux")
    look(page, "sessions")
    page.get_by_role("button", name="退出其他设备").click()
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="确认").click()
    expect(page.get_by_role("main")).to_contain_text("只有本设备登录了这个账号")
    elsewhere.reload()
    expect(elsewhere.get_by_role("heading", name="登录", exact=True)).to_be_visible()


def test_a_second_factor_is_set_up_and_asked_for(page: Page, mailbox: Mailbox, newcomer: Newcomer):
    register(page, mailbox, newcomer)
    page.goto("/accounts/settings/")
    page.get_by_role("link", name="设置动态口令").click()
    look(page, "totp-off")
    page.get_by_role("link", name="启用").click()
    look(page, "reauthenticate")
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="确认").click()
    secret = page.locator("code.secret").inner_text()
    look(page, "totp-set-up")
    page.locator("#id_code").fill(code_of(secret))
    page.get_by_role("button", name="启用").click()
    expect(page.get_by_role("heading", name="恢复码")).to_be_visible()
    look(page, "totp-recovery-codes")

    sign_out(page)
    try_to_sign_in(page, newcomer.email, PASSWORD)
    expect(page.get_by_role("heading", name="动态口令")).to_be_visible()
    look(page, "totp-asked")
    page.locator("#id_code").fill("000000")
    page.get_by_role("main").get_by_role("button", name="登录").click()
    expect(page.get_by_role("alert")).to_be_visible()
    page.locator("#id_code").fill(code_of(secret))
    page.get_by_role("main").get_by_role("button", name="登录").click()
    page.wait_for_url("/home/")


def sign_out(page: Page) -> None:
    page.get_by_label("账号菜单").click()
    page.get_by_role("button", name="退出登录").click()
    expect(page.get_by_label("账号菜单")).to_have_count(0)
