"""What several journeys do on their way: register, file, review, as the manual's chapters 1 and 2 tell it."""

import re
from itertools import count

from playwright.sync_api import Locator, Page, expect

from gonghui.demo_data.cast import PASSWORD
from gonghui.kit.invent import InventedPerson, invent_employer_name, invent_person, invent_uscc
from tests.journeys.mailbox import Mailbox
from tests.journeys.pages import field

_serial = count(1)


class Newcomer:
    """Somebody who has never been here. The statistical register knows the employer, and nobody has claimed it."""

    def __init__(self, employer: str = "") -> None:
        serial = next(_serial)
        registered = 2_000 + 5 * serial
        self.email = f"officer-{serial}@newcomer.test"
        self.employer = employer or invent_employer_name(registered)
        self.code = invent_uscc(registered)
        self.name = invent_person(80_000 + serial).name
        self.leader = invent_person(90_000 + serial).name


def register(page: Page, mailbox: Mailbox, who: Newcomer) -> None:
    """Chapter 1, from the form over the mail to the first sign-in."""
    page.goto("/accounts/signup/")
    page.get_by_label("企业邮箱").fill(who.email)
    page.locator("#id_password1").fill(PASSWORD)
    page.get_by_label("再次输入密码").fill(PASSWORD)
    page.get_by_label("经办人姓名").fill(who.name)
    page.get_by_label("单位名称").fill(who.employer)
    page.get_by_label("我已阅读并同意").check()
    page.get_by_role("button", name="注册").click()
    page.wait_for_url("**/confirm-email/")
    page.goto(link_in(mailbox, who.email, "验证邮箱"))
    page.get_by_role("button", name="确认").click()
    page.wait_for_url("/home/")


def link_in(mailbox: Mailbox, email: str, words: str) -> str:
    """The address in the newest mail to ``email`` with the words."""
    text = mailbox.wait_for(email, words).get_content()
    found = re.search(r"http://\S+/accounts/\S+", text)
    assert found, text
    return found[0]


def fill_filing(page: Page, who: Newcomer, *, level2: str = "杨浦区", level3: str = "五角场街道") -> None:
    """All of the form 「基层工会资料上报」, rightly; the second select follows the first."""
    page.get_by_label("单位行政法人和其他组织统一社会信用代码").fill(who.code)
    field(page, "经济类型").select_option("私营企业")
    page.get_by_label("单位所属行业").select_option(index=5)
    page.get_by_label("单位地址").fill("上海市杨浦区示例路1号")
    page.get_by_label("职工人数").fill("100")
    page.locator("#id_level2").select_option(level2)
    page.locator("#id_superior").select_option(level3)
    page.get_by_label("工会名称").fill(f"{who.employer}工会")
    page.get_by_label("建会日期").fill("2017-07-23")
    page.get_by_label("基层工会类型").select_option("单独基层工会")
    page.get_by_label("换届日期").fill("2030-07-24")
    page.get_by_label("工会负责人").fill(who.leader)
    page.get_by_label("联系电话").fill("19900001234")
    page.get_by_role("radio", name="否").check()


def file(page: Page, who: Newcomer, **superior: str) -> None:
    """Chapter 2 without detours: entrance, form, 「提交」."""
    page.goto("/home/")
    page.get_by_role("link", name="产业局所属单位" if "level2" in superior else "区总工会所属单位").click()
    fill_filing(page, who, **superior)
    page.get_by_role("button", name="提交").click()
    expect(page.get_by_role("main")).to_contain_text("审核，结果会在这里和邮件中通知您")


def open_review(page: Page, words: str) -> None:
    """A reviewer finds what was submitted: 「待办审核」, filtered; and opens it as a page of its own."""
    page.get_by_role("link", name="待办审核").first.click()
    page.get_by_role("searchbox").or_(page.locator("#id_q")).first.fill(words)
    page.get_by_role("button", name="查询").click()
    open_by_enter(page.get_by_role("row", name=words).first.get_by_role("link", name="审核"))


def open_by_enter(link: Locator) -> None:
    """Opens a request from the desk as a page of its own, where a click shows it beside the list; waits until it is there."""
    link.press("Enter")
    link.page.wait_for_url(re.compile(r"/reviews/\d+/"))


def approve(page: Page) -> None:
    """「审核通过」 of the request on the page."""
    page.get_by_role("button", name="审核通过").click()
    expect(page.locator("#messages")).to_contain_text("已审核通过")


def approve_filing(page: Page, who: Newcomer) -> None:
    """A reviewer opens the newcomer's request and approves it."""
    open_review(page, who.employer)
    approve(page)


def fill_member(page: Page, someone: InventedPerson) -> None:
    """Fills the form 「新增会员」, and waits for the values that the number contains."""
    page.goto("/members/add/")
    page.get_by_label("姓名").fill(someone.name)
    page.get_by_label("证件号码").fill(someone.resident_id)
    page.get_by_label("证件号码").press("Tab")
    expect(page.get_by_label("出生日期")).to_have_value(someone.born_on.isoformat())
    page.get_by_label("移动电话").fill(someone.mobile)
    page.get_by_label("联系地址").fill(someone.address)


def add_member(page: Page, someone: InventedPerson) -> None:
    """「新增会员」 of an officer, by hand."""
    fill_member(page, someone)
    page.get_by_label("学历").select_option("大学本科")
    page.get_by_role("button", name="保存").click()
    expect(page.locator("#messages")).to_contain_text("已新增会员")


def person() -> InventedPerson:
    """Somebody whom no other test and no demo union knows."""
    return invent_person(800_000 + next(_serial))
