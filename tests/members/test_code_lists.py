"""What the city does with a code list, in the members' form, workbook, page and export (SPEC 3.3, 3.4, 5.4)."""

from io import BytesIO

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.timezone import localdate
from openpyxl import load_workbook

from gonghui.codelists.actions import add_code, rename_code, retire_code
from gonghui.codelists.models import Code
from gonghui.codelists.queries import labels
from gonghui.imports.models import ImportState
from gonghui.kit.errors import Refused
from gonghui.members.codes import Sex
from gonghui.members.fields import CORE, FIELDS
from gonghui.members.models import Member
from gonghui.members.register.actions import add_member, edit_member, version_of
from gonghui.members.register.export import export_row
from gonghui.members.roster.sheet import template
from tests.factories import make_member
from tests.members.people import typed, values
from tests.members.roster.test_sheet import imported, problems
from tests.workbooks import member_row

pytestmark = pytest.mark.django_db


def code(value: str, key: str = "household") -> Code:
    return Code.objects.get(code_list=key, value=value)


def retire(cast, value: str, successor: str | None = None) -> None:
    one = code(value)
    other = successor and code(successor)
    retire_code(one, on=localdate(), successor=other, version=one.version, by=cast.platform_admin)


def rename(cast, key: str, value: str, label: str) -> None:
    one = code(value, key)
    rename_code(one, label=label, version=one.version, by=cast.platform_admin)


def household(member: Member) -> str:
    member = Member.objects.get(pk=member.pk)
    return FIELDS["household"].text(member.household, full=False)


def retired() -> str:
    return f"“农业”自 {localdate():%Y-%m-%d} 起停用"


def test_an_added_value_goes_all_ways(cast, client):
    add_code("household", label="境外户籍", by=cast.platform_admin)
    client.force_login(cast.officer)
    form = client.get(reverse("members:add")).text
    assert "境外户籍" in form
    assert imported(cast, member_row(1, household="境外户籍")).state == ImportState.DONE
    member = Member.objects.get()
    assert (member.household, household(member)) == ("city_1", "境外户籍")
    assert "境外户籍" in client.get(reverse("members:view", args=[member.pk])).text
    assert "境外户籍" in export_row(member, CORE, full=False)
    assert client.get(reverse("members:list")).status_code == 200
    add_code("position", label="工会积极分子", by=cast.platform_admin)
    changed = values(2, position="工会积极分子")
    assert add_member(cast.union, changed, by=cast.officer).get_position_display() == "工会积极分子"


def test_a_retired_value_is_refused_by_the_form_with_what_replaces_it(cast, client):
    retire(cast, "rural", "resident")
    with pytest.raises(Refused, match=f"{retired()}，请改为“居民户”。") as refused:
        add_member(cast.union, values(1, household="农业"), by=cast.officer)
    assert refused.value.field == "household"
    member = add_member(cast.union, values(1, household="非农业"), by=cast.officer)
    client.force_login(cast.officer)
    sent = {
        **{name: getattr(member, name) or "" for name in FIELDS},
        "household": "rural",
        "version": version_of(member),
    }
    response = client.post(reverse("members:edit", args=[member.pk]), sent)
    assert response.status_code == 422
    assert f"{retired()}，请改为“居民户”。" in response.text
    assert household(member) == "非农业"


def test_who_holds_a_retired_value_keeps_it_through_an_edit(cast, client):
    member = add_member(cast.union, values(1, household="农业"), by=cast.officer)
    retire(cast, "rural", "resident")
    client.force_login(cast.officer)
    assert "农业（已停用）" in client.get(reverse("members:edit", args=[member.pk])).text
    edited = values(1, household="农业", mobile="19911112222")
    assert edit_member(member, edited, version=version_of(member), by=cast.officer).at_once == ["mobile"]
    assert household(member) == "农业"


def test_a_retired_value_in_a_workbook_is_a_problem_of_its_cell(cast):
    retire(cast, "rural", "resident")
    [problem] = problems(cast, member_row(1, household="农村"), member_row(2, household="非农业"))
    assert (problem.row, problem.column, problem.value) == (2, "household", "农业")
    assert (problem.wrong, problem.right) == (retired(), "请改为“居民户”")


def test_in_a_workbook_who_holds_a_retired_value_may_stay_so(cast):
    imported(cast, member_row(1, household="农业"), member_row(2, household="非农业"))
    retire(cast, "rural", "resident")
    [problem] = problems(cast, member_row(1, household="农业"), member_row(2, household="农业"))
    assert (problem.row, problem.wrong) == (3, retired())


def test_who_comes_back_is_not_given_a_retired_value(cast):
    row = member_row(1, household="农业")
    make_member(None, name=row[0], number=row[3], household="urban")
    retire(cast, "rural")
    [problem] = problems(cast, row)
    assert (problem.column, problem.wrong) == ("household", retired())
    with pytest.raises(Refused, match=retired()):
        add_member(cast.union, values(1, household="农业"), by=cast.officer)
    assert Member.objects.get().union is None


def test_of_a_renamed_value_the_old_name_is_still_read(cast):
    rename(cast, "household", "rural", "农村户籍")
    rename(cast, "document_type", "passport", "普通护照")
    rename(cast, "sex", "male", "男性")
    for label in ("农业", "农村户籍"):
        assert values(1, household=label).household == "rural"
    for label in ("护照（已核对）", "普通护照（已核对）", "普通护照"):
        passport = typed(1, document_type=label, document_number="E12345678", sex="男", born_on="1990-01-02")
        assert values(1, **passport).document_type == "passport"
    assert values(1).sex in ("male", "female")


def test_the_template_has_the_labels_of_the_day_it_is_made(cast):
    rename(cast, "position", "member", "工会会员")
    retire(cast, "urban")
    add_code("household", label="境外户籍", by=cast.platform_admin)
    book = load_workbook(BytesIO(template()))
    place = list(FIELDS).index("household")
    lists = [[cell.value for cell in column if cell.value] for column in book["选项"].iter_cols()]
    assert lists[place] == ["农业", "居民户", "其他", "境外户籍"]
    told = [cell.value for row in book["填写说明"].iter_rows() for cell in row if cell.value]
    assert any("不填则为“工会会员”" in text for text in told)
    assert "非农业" not in told, "what may not be chosen is no example"
    assert values(1, position="").position == "member"


def test_the_list_shows_the_citys_labels_and_takes_no_statement_more(cast, client):
    rename(cast, "sex", "male", "男性")
    rename(cast, "sex", "female", "女性")
    add_member(cast.union, values(1), by=cast.officer)
    client.force_login(cast.officer)
    address = reverse("members:list")
    client.get(address)
    labels(Sex)
    with CaptureQueriesContext(connection) as captured:
        shown = client.get(address).text
    assert len([query for query in captured if "codelists" in query["sql"]]) == 0
    assert len(captured) == 4
    assert "男性" in shown
    assert "女性" in shown
