"""The grid of errors (SPEC 3.4): every column and error can be corrected in it, the same error with one input."""

import re

import pytest
from django.http import HttpResponse, QueryDict
from django.urls import reverse

from gonghui.imports import actions, editing, job
from gonghui.imports.forms import read_grid
from gonghui.imports.hooks import KINDS
from gonghui.imports.models import Batch, ImportState
from gonghui.kit.excel import CellKind
from tests.factories import live
from tests.markup import markup
from tests.workbooks import COLUMNS, HEADINGS, member_row, upload

pytestmark = pytest.mark.django_db
KIND = KINDS["members"]
NUMBER = HEADINGS.index("证件号码")


def number(seed: int) -> str:
    return str(member_row(seed)[NUMBER])


def misread(seed: int) -> str:
    """A number with a wrong check digit."""
    return number(seed)[:-1] + ("1" if number(seed)[-1] != "1" else "2")


def other_sex(seed: int) -> str:
    return "女" if member_row(seed)[HEADINGS.index("性别")] == "男" else "男"


def sent(cast, *rows: list[object]) -> Batch:
    return actions.upload_workbook(cast.union, KIND, upload(rows), by=cast.officer)


def address(batch: Batch) -> str:
    return reverse("imports:edit", args=[batch.pk])


def field(page: str, place: str) -> str:
    """The cell of ``3-mobile`` with its field."""
    (cell,) = (
        cell_html for cell_html in re.findall(r"<td\b.*?</td>", page, re.DOTALL) if f'name="c-{place}"' in cell_html
    )
    return cell


def cells(response: HttpResponse) -> list[str]:
    """Returns the positions of the cells with errors, in the order of the page."""
    return [
        cell.place for group in response.context["groups"] for row in group.rows for cell in row.cells if cell.problems
    ]


def wrong_text(key: str) -> str:
    """A text that every rule of this column refuses."""
    kind = {column.key: column for column in COLUMNS}[key]
    if kind.choices:
        return "无此项"
    if kind.kind == CellKind.DATE:
        return "1990年"
    return {"name": "", "document_number": misread(2), "mobile": "1"}.get(key, "长" * 101)


@pytest.mark.parametrize("key", [column.key for column in COLUMNS])
def test_each_column_is_mended_in_its_cell(officer, cast, key):
    batch = sent(cast, member_row(1), member_row(2, **{key: wrong_text(key)}))
    response = officer.get(address(batch))
    assert cells(response) == [f"3-{key}"]
    cell = field(response.content.decode(), f"3-{key}")
    assert 'aria-invalid="true"' in cell
    good = str(member_row(2)[[column.key for column in COLUMNS].index(key)])
    officer.post(address(batch), {"version": 0, f"c-3-{key}": good, f"was-3-{key}": wrong_text(key)})
    assert live(batch).state == ImportState.AWAITING_CONFIRMATION
    job.run_batch(actions.confirm_import(live(batch), ["new"], by=cast.officer).pk)
    assert cast.union.members.count() == 2


SORTS = {
    "nothing": ({"mobile": ""}, "mobile", "没有填写移动电话"),
    "none of the choices": ({"education": "博士后"}, "education", "学历中没有“博士后”"),
    "check digit": ({"document_number": misread(2)}, "document_number", "校验位"),
    "contradiction": ({"sex": other_sex(2)}, "sex", "证件号码表示的是"),
    "no date": ({"born_on": "1990年"}, "born_on", "只有年份"),
    "too long": ({"address": "长" * 101}, "address", "有 101 个字符"),
    "value of a formula": ({"address": "#N/A"}, "address", "错误值"),
    "lost digits": ({"document_number": 310110199001010019}, "document_number", "后面的数字已丢失"),
    "too young": (
        {"document_type": "护照", "document_number": "E12345678", "born_on": "2020-01-01"},
        "born_on",
        "不满 16",
    ),
    "another document's": ({"document_type": "护照", "document_number": "H12345678"}, "document_type", "却像"),
    "twice": ({"document_number": number(1), "sex": "", "born_on": ""}, "document_number", "与第 2 行"),
}


@pytest.mark.parametrize("sort", SORTS)
def test_each_sort_of_error_stands_at_its_cell_in_words(officer, cast, sort):
    changed, key, words = SORTS[sort]
    response = officer.get(address(sent(cast, member_row(1), member_row(2, **changed))))
    assert f"3-{key}" in cells(response)
    cell = field(response.content.decode(), f"3-{key}")
    assert words in cell
    assert f'aria-describedby="why-3-{key}"' in cell


def test_rows_with_one_error_stand_together_those_first_that_one_choice_mends(officer, cast):
    rows = [
        member_row(1, mobile="1"),
        member_row(2, education="博士后"),
        member_row(3, mobile=""),
        member_row(4, skill_level="很高"),
        member_row(5, education="博士后", skill_level="很高"),
        member_row(6, skill_level="很高"),
        member_row(7, education="不详细"),
        member_row(8, mobile="1"),
    ]
    groups = officer.get(address(sent(cast, *rows))).context["groups"]
    shown = [(group.wrong, group.count, [row.number for row in group.rows], group.is_shared) for group in groups]
    assert shown[:2] == [
        ("技术等级中没有“很高”", 3, [5, 6, 7], True),
        ("学历中没有“博士后”", 2, [3], True),  # row 6 is in the group of the more frequent error
    ]
    assert all(not is_shared for *_, is_shared in shown[2:])
    assert {row for _, _, rows, _ in shown for row in rows} == set(range(2, 10))


def test_each_error_that_can_be_mended_together_is_offered_whatever_else_is_wrong_with_its_rows(officer, cast):
    rows = [member_row(seed, education="博士后", skill_level="很高", mobile="1") for seed in range(3)]
    batch = sent(cast, *rows)
    response = officer.get(address(batch))
    shown = [(group.wrong, len(group.rows)) for group in response.context["groups"]]
    assert shown == [("技术等级中没有“很高”", 0), ("学历中没有“博士后”", 3)]
    together = {"same-0": "高级", "of-0": "skill_level:很高", "same-1": "初中", "of-1": "education:博士后"}
    officer.post(address(batch), {"version": 0, **together})
    assert {problem.column for problem in live(batch).problems} == {"mobile"}


def test_the_same_error_is_mended_on_all_pages_at_once(officer, cast):
    rows = [member_row(seed, education="博士后") for seed in range(25)]
    batch = sent(cast, *rows, member_row(30, education="不详细"))
    page = markup(officer.get(address(batch)))
    assert '<label for="same-0">把这<span class="num">25</span>行的“学历”都改为</label>' in page
    sent_fields = {
        "version": 0, "same-0": "博士研究生", "of-0": "education:博士后",
        "c-2-education": "初中", "was-2-education": "博士后", "out-3": "1",
    }  # fmt: skip
    officer.post(address(batch), sent_fields)
    assert [(problem.row, problem.value) for problem in live(batch).problems] == [(27, "不详细")]
    education = {
        row.number: row.cells.text("education")
        for row in editing.invalid_rows(live(batch), by=cast.officer, also=range(2, 30))
    }
    assert (education[2], education[4], education[26]) == (
        "初中",
        "博士研究生",
        "博士研究生",
    )  # the text of a single cell has priority
    assert 3 not in education


def test_all_of_them_may_be_emptied(officer, cast):
    batch = sent(cast, *(member_row(seed, born_on="1990年") for seed in range(3)))
    officer.post(address(batch), {"version": 0, "same-0": "-", "of-0": "born_on:1990年"})
    assert live(batch).state == ImportState.AWAITING_CONFIRMATION


@pytest.mark.parametrize("key", ["name", "document_number", "mobile"])
def test_what_is_each_persons_own_is_not_offered_to_be_mended_together(officer, cast, key):
    batch = sent(cast, *(member_row(seed, **{key: ""}) for seed in range(3)))
    assert "same-" not in officer.get(address(batch)).content.decode()


def test_of_a_right_cell_the_mask_alone_is_told_and_it_stays_unless_another_is_typed(officer, cast):
    batch = sent(cast, member_row(1, education="博士后"), member_row(2, education="博士后"))
    page = officer.get(address(batch)).content.decode()
    assert number(1) not in page
    assert 'placeholder="3101**********' in field(page, "2-document_number")
    posted = {"c-2-document_number": "", "c-3-document_number": "", "c-3-mobile": "19900007777"}
    officer.post(address(batch), {"version": 0, "same-0": "初中", "of-0": "education:博士后", **posted})
    rows = {row.number: row.cells for row in editing_rows(live(batch), cast)}
    assert rows[2].text("document_number") == number(1)
    assert rows[3].text("mobile") == "19900007777"


def editing_rows(batch: Batch, cast):
    """Returns all rows as edited so far."""
    return editing.read_sheet(batch, editing.Edits.of(batch)).rows


def test_a_wrong_number_is_masked_until_its_cell_has_the_focus(officer, cast):
    batch = sent(cast, member_row(1), member_row(2, document_number=misread(2)))
    cell = field(officer.get(address(batch)).content.decode(), "3-document_number")
    assert re.search(r'class="mask" aria-hidden="true">\s*3101\*{10}\d{3}', cell)
    assert "masked" in cell.split(">")[0]


def test_what_could_not_be_saved_is_still_there(officer, cast):
    rows = [member_row(1, mobile="1"), member_row(2, education="博士后"), member_row(3, education="博士后")]
    batch = sent(cast, *rows)
    editing.edit_rows(batch, {2: {"mobile": "19900000001"}}, [], version=0, by=cast.officer)  # another window
    typed = {
        "version": 0,
        "c-2-mobile": "19900008888",
        "was-2-mobile": "1",
        "out-3": "1",
        "same-0": "初中",
        "of-0": "education:博士后",
    }
    answer = officer.post(address(batch), typed)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "在另一个窗口修改过" in page
    assert 'value="19900008888"' in field(page, "2-mobile")  # although the row is correct now
    assert re.search(r'name="out-3"[^>]*checked', page)
    assert '<option value="初中" selected>' in page
    again = {**typed, "version": re.search(r'name="version" value="(\d+)"', page)[1]}
    assert officer.post(address(batch), again).status_code == 302
    assert live(batch).state == ImportState.AWAITING_CONFIRMATION


def test_all_rows_left_out_is_refused_on_the_page(officer, cast):
    batch = sent(cast, member_row(1, mobile="1"), member_row(2, mobile="2"))
    answer = officer.post(address(batch), {"version": 0, "out-2": "1", "out-3": "1"})
    assert (answer.status_code, answer.content.decode().count("checked")) == (422, 2)
    assert "至少保留一行" in answer.content.decode()


def test_who_saves_an_import_that_is_given_up_reads_so_on_its_page(officer, cast):
    batch = sent(cast, member_row(1, mobile="1"), member_row(2))
    actions.discard_batch(batch, by=cast.officer)
    answer = officer.post(address(batch), {"version": 0, "c-2-mobile": "19900000001", "was-2-mobile": "1"}, follow=True)
    assert answer.redirect_chain == [(reverse("imports:batch", args=[batch.pk]), 302)]
    assert "已放弃" in answer.content.decode()


def test_the_page_of_errors_is_kept_after_saving(officer, cast):
    batch = sent(cast, *(member_row(seed, mobile="1") for seed in range(45)))
    second = f"{address(batch)}?page=2&size=20"
    answer = officer.post(second, {"version": 0, "c-23-mobile": "19900000001", "was-23-mobile": "1"}, follow=True)
    assert answer.redirect_chain == [(second, 302)]
    assert answer.context["page"].number == 2


def test_columns_without_an_error_give_way_when_there_are_many(officer, cast):
    context = officer.get(address(sent(cast, member_row(1, skill_level="很高"), member_row(2)))).context
    shown = [column.key for column in KIND.columns() if column.key not in context["optional"]]
    assert len(shown) == 8
    assert {"name", "document_number", "mobile", "skill_level"} <= set(shown)


def test_what_is_no_field_of_the_grid_is_not_read():
    data = QueryDict(
        "c-²-name=x&c--name=x&c-3=x&c-3-nonsense=x&c-3-name=王&was-3-name=王&out-=1&out-x=1&out-5="
        "&same-0=a&of-0=nonsense:x&same-1=&of-1=name:x&same=x&of-2=name:x&row=7&c-4-name=" + "长" * 900
    )
    typed = read_grid(data, ["name"])
    assert (typed.out, typed.same) == (set(), {})
    assert {row: {key: len(text) for key, text in texts.items()} for row, texts in typed.cells.items()} == {
        4: {"name": 500}
    }


def test_no_more_rows_are_read_than_a_page_can_show():
    data = QueryDict("&".join(f"c-{row}-name=x&out-{row + 1000}=1" for row in range(1, 300)))
    assert len(read_grid(data, ["name"]).rows) == 100
