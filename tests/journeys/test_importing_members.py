"""Chapter 4.1, the second way: members from the template, step by step."""

import re
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook
from playwright.sync_api import Locator, Page, expect

from gonghui.demo_data.cast import UNION_A, UNION_C
from gonghui.kit.invent import InventedPerson
from tests.journeys.pages import look, picture
from tests.journeys.steps import person

RED = "FFC7CE"


@pytest.fixture
def officer(page_of: Callable[[str], Page]) -> Page:
    """Union C's officer, at the second step: no import of the union is in work."""
    page = page_of(UNION_C.email)
    page.get_by_role("link", name="会员管理").first.click()
    page.get_by_role("link", name="模板导入会员").click()
    expect(latest(page)).not_to_contain_text("处理中", timeout=60_000)
    return page


def test_a_clean_file_is_queued_worked_and_listed(officer: Page, tmp_path: Path):
    look(officer, "import")
    picture(officer, "import", height=620)
    newcomers = [person() for _ in range(12)]
    before = total(officer)
    officer.goto("/imports/members/")
    upload(officer, fill(template(officer, tmp_path), newcomers))
    expect(officer.locator("#messages")).to_contain_text("共 12 行，校验通过，已开始导入")
    expect(latest(officer)).to_contain_text(re.compile("处理中|导入成功"))
    expect(latest(officer)).to_contain_text("导入成功", timeout=60_000)
    look(officer, "import-done")
    latest(officer).get_by_role("link", name="刷新列表").click()
    expect(officer.get_by_role("heading", level=1)).to_have_text("会员管理")
    assert total(officer) == before + 12
    officer.get_by_label("身份证号搜索").fill(newcomers[-1].resident_id)
    officer.get_by_role("button", name="查询").click()
    expect(officer.locator("tbody tr").first).to_contain_text(newcomers[-1].name)


def test_a_file_that_is_too_large_is_refused_when_it_is_chosen(officer: Page, tmp_path: Path):
    path = tmp_path / "大文件.xlsx"
    with path.open("wb") as file:
        file.truncate(200_000_000)
    chosen = officer.locator("input[type=file]")
    chosen.set_input_files(path)
    told = officer.locator(".field-error")
    expect(told).to_contain_text("文件超过上限 10 MB")
    assert chosen.evaluate("field => field.files.length") == 0, "nothing of it can be sent"
    chosen.set_input_files(fill(template(officer, tmp_path), [person()]))
    expect(told).to_have_count(0)


def test_each_error_is_shown_and_marked_until_the_file_is_right(officer: Page, tmp_path: Path):
    good, wrong, again = person(), person(), person()
    path = fill(template(officer, tmp_path), [good, wrong, again, again])
    book = load_workbook(path)
    number, mobile, columns = under(book, "证件号码"), under(book, "移动电话"), book.active.max_column
    book.active[f"{number}3"] = wrong.resident_id[:-1] + ("1" if wrong.resident_id[-1] != "1" else "2")
    book.active[f"{mobile}3"] = "1234"
    book.save(path)
    upload(officer, path)
    expect(officer.get_by_role("main")).to_contain_text("检查出 4 处错误，没有导入任何一行")
    problems = officer.get_by_role("table", name="错误清单").locator("tbody tr")
    expect(problems).to_have_count(4)
    expect(problems.nth(0)).to_contain_text("校验位")
    expect(problems.nth(1)).to_contain_text("11 位")
    expect(problems.nth(1)).to_contain_text("请核对后改正")
    expect(problems.nth(2)).to_contain_text("第 5 行")
    look(officer, "import-errors")
    picture(officer, "import-errors", height=600)

    with officer.expect_download() as download:
        officer.get_by_role("link", name="下载标注后的文件").click()
    marked = tmp_path / "marked.xlsx"
    download.value.save_as(marked)
    book = load_workbook(marked)
    rows = book.active.iter_rows(min_row=2, max_row=5, max_col=columns)  # what is wrong is told in one column more
    coloured = {cell.coordinate for row in rows for cell in row if cell.fill.fill_type == "solid"}
    assert coloured == {f"{number}3", f"{mobile}3", f"{number}4", f"{number}5"}
    book.active[f"{number}3"], book.active[f"{mobile}3"] = wrong.resident_id, wrong.mobile
    book.active.delete_rows(5)
    book.save(marked)
    officer.get_by_role("link", name="改正后重新上传").click()
    upload(officer, marked)
    expect(latest(officer)).to_contain_text("导入成功", timeout=60_000)
    expect(latest(officer).locator("[data-label=行数]")).to_have_text("3")
    expect(latest(officer).locator("[data-label=说明]")).to_have_text("新增会员 3 人。")


def test_the_valid_rows_first(officer: Page, tmp_path: Path):
    path = fill(template(officer, tmp_path), [person(), person(), person()])
    book = load_workbook(path)
    book.active["A3"] = ""
    book.save(path)
    upload(officer, path)
    expect(officer.get_by_role("main")).to_contain_text("没有错误的 2 行")
    officer.get_by_role("button", name="确认导入所选").click()
    expect(officer.locator("#history")).not_to_contain_text("处理中", timeout=60_000)
    expect(latest(officer)).to_contain_text("校验未通过")  # what is left waits to be mended
    officer.locator("#history tbody tr").nth(1).get_by_role("link", name="查看").click()
    expect(officer.get_by_role("link", name="有错误的 1 行：继续修改")).to_be_visible()
    look(officer, "import-valid-rows-first")


def test_wrong_cells_are_mended_in_the_page(officer: Page, tmp_path: Path):
    good, wrong, unwanted = person(), person(), person()
    path = fill(template(officer, tmp_path), [good, wrong, unwanted])
    book = load_workbook(path)
    book.active[under(book, "移动电话") + "3"], book.active["A4"] = "1234", ""
    book.save(path)
    upload(officer, path)
    officer.get_by_role("link", name="在页面上修改").click()
    mobile = officer.get_by_label("第 3 行，移动电话")
    expect(mobile).to_have_accessible_description(re.compile("应为 11 位"))
    mobile.fill("12345")
    officer.get_by_role("button", name="保存并重新检查").click()
    expect(officer.locator("#messages")).to_contain_text("还有 2 处错误")
    mobile.fill(wrong.mobile)
    officer.get_by_label("不导入第 4 行").check()
    look(officer, "import-mend-again")
    officer.get_by_role("button", name="保存并重新检查").click()
    expect(officer.get_by_role("main")).to_contain_text("2 行已无错误")
    look(officer, "import-mended")
    officer.get_by_role("button", name="确认导入 2 人").click()
    expect(latest(officer)).to_contain_text("导入成功", timeout=60_000)
    latest(officer).get_by_role("link", name="查看").click()
    officer.get_by_text("撤销本次导入").click()
    look(officer, "import-undo")
    officer.get_by_role("button", name="确认撤销").click()
    expect(officer.locator("#messages")).to_contain_text("删除新增的会员 2 人")


def test_a_column_by_another_name_is_asked_about(officer: Page, tmp_path: Path):
    path = fill(template(officer, tmp_path), [person()])
    book = load_workbook(path)
    book.active[under(book, "联系地址") + "1"], book.active["N1"] = "家庭住址", "班组"
    book.save(path)
    upload(officer, path)
    question = officer.get_by_label("“家庭住址”是不是“联系地址”？")
    expect(question).to_have_value("")  # what the page shows is what is done
    look(officer, "import-columns")
    question.select_option("联系地址")
    officer.get_by_role("button", name="按所选重新检查").click()
    expect(officer.locator("#messages")).to_contain_text("没有错误")
    officer.get_by_role("button", name="确认导入 1 人").click()
    expect(latest(officer)).to_contain_text("导入成功", timeout=60_000)


def test_newcomers_and_our_own_in_one_file_are_sorted_and_ticked(officer: Page, tmp_path: Path):
    known, newcomer = person(), person()
    upload(officer, fill(template(officer, tmp_path), [known]))
    expect(latest(officer)).to_contain_text("导入成功", timeout=60_000)
    path = fill(template(officer, tmp_path), [known, newcomer])
    book = load_workbook(path)
    book.active[under(book, "移动电话") + "2"] = "19911112222"
    book.active[under(book, "学历") + "2"] = "硕士研究生"
    book.save(path)
    upload(officer, path)
    groups = officer.get_by_role("table", name="文件中各类的行数")
    expect(groups).to_contain_text("新会员")
    expect(groups).to_contain_text("资料有变化")
    groups.get_by_role("link", name="查看资料有变化").click()
    expect(officer.locator("#listed")).to_contain_text("199****2222")
    look(officer, "import-sorted")
    picture(officer, "import-sorted", height=760)
    officer.get_by_label("选择资料有变化").check()
    officer.get_by_role("button", name="确认导入所选").click()
    expect(latest(officer)).to_contain_text("导入成功", timeout=60_000)
    expect(latest(officer)).to_contain_text("新增会员 1 人。修改 1 名会员的资料。")


def test_a_file_that_is_no_template_is_refused_with_the_remedy(officer: Page, tmp_path: Path):
    path = tmp_path / "会员.xlsx"
    path.write_text("no workbook")
    upload(officer, path)
    expect(officer.get_by_role("alert")).to_be_visible()
    look(officer, "import-no-workbook")


def test_the_first_page_of_the_list_and_its_size(page_of: Callable[[str], Page]):
    page = page_of(UNION_A.email)
    page.get_by_role("link", name="会员管理").first.click()
    foot = page.locator(".table-foot")
    expect(foot).to_contain_text(re.compile(r"显示第 1 到第 10 条记录，总共 15\d\d 条记录"), use_inner_text=True)
    (total,) = re.findall(r"总共 (\d+) 条", foot.inner_text())  # another journey may have added somebody
    expect(foot.get_by_label("每页显示").locator("option")).to_have_text(["10", "20", "50", "100"])
    expect(page.locator("tbody tr")).to_have_count(10)
    look(page, "members")
    picture(page, "members", height=720)
    page.set_viewport_size({"width": 1366, "height": 768})  # a common office screen shows all columns
    assert page.locator(".table-wrap").evaluate("wrap => wrap.scrollWidth - wrap.clientWidth") == 0
    foot.get_by_role("link", name="第 2 页").click()
    expect(foot).to_contain_text("显示第 11 到第 20 条记录", use_inner_text=True)
    foot.get_by_label("每页显示").select_option("50")
    expect(page.locator("tbody tr")).to_have_count(50)
    expect(foot).to_contain_text(f"总共 {total} 条记录", use_inner_text=True)


def template(page: Page, folder: Path) -> Path:
    """Second step: 「下载导入模板」."""
    with page.expect_download() as download:
        page.get_by_role("link", name="下载导入模板").click()
    path = folder / download.value.suggested_filename
    download.value.save_as(path)
    return path


def fill(path: Path, people: Sequence[InventedPerson]) -> Path:
    """Third step: a row for each under the template's own headings."""
    book = load_workbook(path)
    for row, one in enumerate(people, start=2):
        values = {"姓名": one.name, "证件号码": one.resident_id, "移动电话": one.mobile, "联系地址": one.address}
        for heading, value in values.items():
            book.active[f"{under(book, heading)}{row}"] = value
    book.save(path)
    return path


def under(book: Workbook, heading: str) -> str:
    """The letter of the column under a heading, wherever the template has it."""
    return next(cell.column_letter for cell in book.active[1] if str(cell.value).strip("* ") == heading)


def upload(page: Page, path: Path) -> None:
    """Fourth and fifth step: the file, 「确认」."""
    page.locator("input[type=file]").set_input_files(path)
    page.get_by_role("button", name="确认", exact=True).click()
    page.wait_for_load_state()


def latest(page: Page) -> Locator:
    """The newest row of 「历史导入记录」."""
    return page.locator("#history").locator("tbody tr, .blank-slate").first


def total(page: Page) -> int:
    """How many members the list counts."""
    page.goto("/members/")
    found = re.search(r"总共 (\d+) 条", page.locator(".table-foot").inner_text())
    assert found
    return int(found[1])
