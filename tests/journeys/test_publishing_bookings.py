"""The manual's chapter on bookings: a district publishes a programme, and works with the roster of another."""

from collections.abc import Callable
from datetime import timedelta

from django.utils.timezone import localdate
from openpyxl import load_workbook
from playwright.sync_api import FilePayload, Page, expect

from gonghui.demo_data.cast import SUPERIORS, UNION_A
from tests.journeys.pages import field, look, picture
from tests.publishing.stories import drawn
from tests.scans import arm, pdf


def day(days: int) -> str:
    return f"{localdate() + timedelta(days=days):%Y-%m-%d}"


def test_a_district_publishes_a_programme_with_two_sessions(page_of: Callable[[str], Page]):
    page = page_of(SUPERIORS[1].email)
    page.goto("/home/")
    page.get_by_role("navigation", name="主菜单", exact=True).get_by_role("link", name="疗休养体检预约平台").click()
    look(page, "bookings")
    picture(page, "bookings")
    page.get_by_role("link", name="新建项目").click()
    field(page, "名称").fill("千岛湖疗休养 4 日")
    field(page, "报名开始时间").fill(f"{day(2)}T10:00")
    field(page, "截止时间").fill(f"{day(1)}T18:00")
    field(page, "区或产业局工会").fill("900")
    page.get_by_role("checkbox", name="若干年内未参加").check()
    page.get_by_role("button", name="保存为草稿").click()
    expect(page.get_by_role("alert")).to_contain_text("截止时间要晚于报名开始时间")
    expect(field(page, "名称")).to_have_value("千岛湖疗休养 4 日")
    look(page, "bookings-form-wrong")
    field(page, "截止时间").fill(f"{day(20)}T18:00")
    field(page, "几年内").fill("3")
    page.get_by_role("button", name="保存为草稿").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("千岛湖疗休养 4 日")

    page.get_by_role("link", name="添加", exact=True).click()
    field(page, "名称").fill("千岛湖线")
    page.get_by_role("button", name="保存").click()
    for begins in (40, 50):
        page.get_by_role("link", name="为千岛湖线添加班次").click()
        field(page, "开始日期").fill(day(begins))
        field(page, "结束日期").fill(day(begins + 3))
        field(page, "名额").fill("30")
        page.get_by_role("button", name="添加").click()
        page.get_by_role("link", name="概况").click()
    look(page, "bookings-programme")

    page.get_by_role("link", name="核对并发布").click()
    page.get_by_role("button", name="统计可以参加的人数").click()
    expect(page.get_by_role("main")).to_contain_text("名会员可以参加", timeout=60_000)
    look(page, "bookings-check")
    picture(page, "bookings-check")
    page.get_by_role("button", name="发布").click()
    expect(page.get_by_role("main")).to_contain_text("已发布，范围内的工会可以看到")
    page.get_by_role("link", name="班次（2）").click()
    look(page, "bookings-sessions")
    page.get_by_role("link", name="查看班次").first.click()
    page.get_by_role("link", name="划分名额").click()
    page.get_by_label("给哪一类会员").select_option("劳模")
    field(page, "名额").fill("31")
    page.get_by_role("button", name="划分").click()
    expect(page.get_by_role("alert")).to_contain_text("30")
    field(page, "名额").fill("5")
    page.get_by_role("button", name="划分").click()
    expect(page.get_by_role("main")).to_contain_text("已划给劳模 5 个名额")
    look(page, "bookings-session")


def sent(name: str, content: bytes) -> FilePayload:
    return {"name": name, "mimeType": "application/octet-stream", "buffer": content}


def test_a_programme_shows_pictures_and_documents(page_of: Callable[[str], Page]):
    page = page_of(SUPERIORS[1].email)
    page.goto("/bookings/")
    look(page, "bookings-covers")
    page.get_by_role("link", name="莫干山疗休养 5 日").click()
    look(page, "bookings-programme-pictures")
    page.get_by_role("link", name="图片和资料").click()
    look(page, "bookings-pictures")
    picture(page, "bookings-pictures")

    page.get_by_role("link", name="添加图片").click()
    field(page, "图片").set_input_files(sent("标志.svg", b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>"))
    field(page, "图片说明").fill("疗养院的庭院")
    page.get_by_role("button", name="上传").click()
    expect(page.get_by_role("alert")).to_contain_text("SVG 文件中可能带有程序")
    expect(field(page, "图片说明")).to_have_value("疗养院的庭院")
    look(page, "bookings-picture-wrong")
    field(page, "图片").set_input_files(sent("庭院.png", drawn(1800, 1100, "PNG")))
    page.get_by_role("button", name="上传").click()
    expect(page.get_by_role("main")).to_contain_text("已添加图片“疗养院的庭院”")
    page.get_by_role("button", name="把疗养院的庭院设为封面").click()
    expect(page.get_by_role("listitem").filter(has_text="疗养院的庭院")).to_contain_text("封面")
    page.get_by_role("link", name="删除疗养院的庭院").click()
    expect(page.get_by_role("main")).to_contain_text("删除后不能恢复")
    look(page, "bookings-picture-remove")
    page.get_by_role("button", name="删除").click()
    expect(page.get_by_role("main")).to_contain_text("已删除图片“疗养院的庭院”")

    page.get_by_role("link", name="添加资料").click()
    field(page, "文件").set_input_files(sent("行程单.pdf", pdf(arm, pages=2)))
    page.get_by_role("button", name="上传").click()
    expect(page.get_by_role("main")).to_contain_text("已添加资料“行程单”，2 页。文件已重新生成")

    page = page_of(UNION_A.email)
    page.goto("/bookings/offers/")
    drawn_covers = "() => [...document.querySelectorAll('.offer-cover img')].filter(one => one.naturalWidth > 0).length"
    page.wait_for_function(f"() => ({drawn_covers})() >= 2")
    look(page, "bookings-offers-covers")
    picture(page, "bookings-offers")
    page.get_by_role("link", name="莫干山疗休养 5 日").click()
    expect(page.get_by_role("img", name="晨雾中的竹海")).to_be_visible()
    look(page, "bookings-offer-gallery")
    picture(page, "bookings-offer")
    with page.expect_download() as download:
        page.get_by_role("link", name="下载 行程单").click()
    assert download.value.suggested_filename == "行程单.pdf"
    page.get_by_role("link", name="晨雾中的竹海").click()
    large = page.get_by_role("dialog", name="看大图")
    expect(large).to_contain_text("1 / 4")
    page.keyboard.press("ArrowRight")
    expect(large.get_by_role("img", name="山坡上的竹林")).to_be_visible()
    look(page, "bookings-offer-large")
    page.keyboard.press("Escape")
    expect(large).to_be_hidden()
    expect(page.get_by_role("link", name="晨雾中的竹海")).to_be_focused()


def test_an_officers_booking_is_on_the_roster_and_leaves_as_a_workbook(page_of: Callable[[str], Page], tmp_path):
    page = page_of(SUPERIORS[1].email)
    page.goto("/bookings/")
    page.get_by_role("link", name="莫干山疗休养 5 日").click()
    page.get_by_role("link", name="名单", exact=True).click()
    field(page, "工会").fill(UNION_A.employer)
    page.get_by_role("button", name="查询").click()
    expect(page.get_by_role("table")).to_contain_text(UNION_A.employer)
    look(page, "bookings-people")
    picture(page, "bookings-people")
    page.get_by_role("link", name="导出名单").click()
    field(page, "空白列").fill("房间号")
    with page.expect_download() as download:
        page.get_by_role("button", name="导出 Excel").click()
    path = tmp_path / "roster.xlsx"
    download.value.save_as(path)
    heading, first, *_ = load_workbook(path).active.iter_rows(values_only=True)
    assert heading[-1] == "房间号"
    assert "*" in first[heading.index("证件号码（遮盖）")]
    assert UNION_A.employer in first[heading.index("工会")]

    page.goto("/bookings/")
    page.get_by_role("link", name="天目湖疗休养 3 日").click()
    page.get_by_role("link", name="名单", exact=True).click()
    page.get_by_role("link", name="签到表").click()
    look(page, "bookings-sign-in-sheet")


def test_anybody_sees_the_lots_without_a_name(new_page: Callable[[], Page], page_of: Callable[[str], Page]):
    city = page_of(SUPERIORS[0].email)
    city.goto("/bookings/")
    city.get_by_role("link", name="女职工专项筛查").click()
    city.get_by_role("link", name="抽签公示").click()
    address = city.url
    page = new_page()
    page.goto(address)
    expect(page.get_by_role("table")).to_contain_text("B0000")
    look(page, "bookings-draw")
    picture(page, "bookings-draw")
