"""The city loads a register with errors, from a file dropped on the page to the workbook of what is wrong (SPEC 5.4)."""

from collections.abc import Callable
from io import BytesIO
from pathlib import Path

from openpyxl import load_workbook
from playwright.sync_api import Page, expect

from tests.journeys.pages import look
from tests.registers.files import csv_of, employer_line

ROWS = 30_000  # more than one piece
NAME = "上海独此一家示例有限公司"


def test_a_register_with_errors_is_sent_checked_confirmed_and_loaded_again_without_a_change(
    page_of: Callable[[str], Page], tmp_path: Path
):
    city = page_of("city@demo.test")
    city.get_by_role("link", name="大统计库", exact=True).click()
    path = tmp_path / "大统计库.csv"
    lines = [employer_line(700_000 + seed, 单位地址="上海市杨浦区示例路一百号" * 5) for seed in range(ROWS)]
    lines[7][0] = ""
    lines[8][0] = NAME
    path.write_bytes(csv_of(lines, encoding="gbk"))
    assert path.stat().st_size > 4 * 1024 * 1024
    city.get_by_label("选择文件").set_input_files(path)
    look(city, "register")
    city.get_by_role("button", name="上传并检查").click()
    expect(city.get_by_role("heading", name="确认后将会")).to_be_visible(timeout=120_000)
    expect(city.get_by_role("main")).to_contain_text("CSV，GBK（GB 18030）")
    problem = city.get_by_role("table", name="错误清单").locator("tbody tr")
    expect(problem).to_have_count(1)
    expect(problem).to_contain_text("没有填写单位名称")
    look(city, "register-checked")
    with city.expect_download() as download:
        city.get_by_role("link", name="下载错误清单").click()
    rows = list(load_workbook(BytesIO(Path(download.value.path()).read_bytes())).active.iter_rows(values_only=True))
    assert rows[1][0] == "9"

    city.get_by_role("button", name="确认载入").click()
    expect(city.get_by_role("heading", level=1)).to_contain_text("已载入", timeout=120_000)
    expect(city.get_by_role("main")).to_contain_text(f"新增 {ROWS - 1:,} 家")
    look(city, "register-loaded")
    city.get_by_role("navigation", name="位置").get_by_role("link", name="大统计库").click()
    city.get_by_label("单位名称的一部分").fill("独此一家")
    city.get_by_role("button", name="查询").click()
    expect(city.get_by_role("table", name="查询结果")).to_contain_text(NAME)
    look(city, "register-found")

    city.get_by_label("选择文件").set_input_files(path)
    city.get_by_role("button", name="上传并检查").click()
    expect(city.get_by_role("main")).to_contain_text("没有变化", timeout=120_000)


def test_a_second_upload_is_told_who_loads_and_a_stopped_one_leaves_nothing(
    page_of: Callable[[str], Page], tmp_path: Path
):
    city = page_of("city@demo.test")
    city.goto("/registers/members/")
    path = tmp_path / "cut.csv"
    path.write_bytes("姓名,证件号码,移动电话,组织机构代码\n王小".encode())
    city.get_by_label("选择文件").set_input_files(path)
    city.get_by_role("button", name="上传并检查").click()
    expect(city.get_by_role("main")).to_contain_text("文件在第 2 行中断", timeout=60_000)
    look(city, "register-cut")
    city.goto("/registers/members/")
    path.write_bytes(b"x" * (200 * 1024 * 1024 + 1))
    city.get_by_label("选择文件").set_input_files(path)
    expect(city.get_by_role("main")).to_contain_text("文件超过上限 200 MB")
