"""The city's tree and the statistical register, loaded from files."""

from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from gonghui.audit.models import Entry
from gonghui.kit.invent import invent_employer_name, invent_uscc
from gonghui.unions.levels import UnionKind
from gonghui.unions.loading import RegisterRow, load_register, load_tree
from gonghui.unions.models import RegisteredEmployer, Union

pytestmark = [pytest.mark.django_db, pytest.mark.server]


def test_the_tree_holds_the_city_its_districts_and_streets_its_bureaus_and_companies():
    load_tree("上海市")
    counts = {kind: Union.objects.filter(kind=kind).count() for kind in UnionKind}
    assert counts[UnionKind.CITY] == 1
    assert counts[UnionKind.DISTRICT] == 16
    assert counts[UnionKind.STREET] == 107 + 106 + 2 + 14 + 5
    assert counts[UnionKind.BUREAU] >= 20
    assert counts[UnionKind.COMPANY] >= 3 * counts[UnionKind.BUREAU]
    street = Union.objects.get(area="五角场街道")
    assert str(street) == "五角场街道工会"
    assert (str(street.superior), street.superior.area) == ("杨浦区总工会", "杨浦区")
    assert str(street.superior.superior) == "上海市总工会"


def test_loading_the_tree_again_makes_nothing_and_keeps_what_the_city_renamed():
    first = load_tree("上海市")
    Union.objects.filter(code="010").update(name="杨浦总工会")
    assert load_tree("上海市") == 0
    assert Union.objects.count() == first
    assert Union.objects.get(code="010").name == "杨浦总工会"
    assert Entry.objects.filter(verb="tree.loaded").count() == 1


def test_a_missing_street_is_made_again():
    load_tree("上海市")
    Union.objects.get(code="010019").delete()
    assert load_tree("上海市") == 1
    assert Union.objects.get(code="010019").superior.area == "杨浦区"


def test_another_city_brings_its_own_files(tmp_path):
    (tmp_path / "regions.csv").write_text("name,kind,union_code\n示例区,district,001\n示例镇,town,001001\n")
    (tmp_path / "bureaus.csv").write_text("union_code,name,area,kind\n")
    assert load_tree("示例市", tmp_path) == 3
    assert list(Union.objects.order_by("code").values_list("name", flat=True)) == [
        "示例市总工会",
        "示例区总工会",
        "示例镇工会",
    ]


def test_a_tree_file_that_is_missing_is_named(tmp_path):
    with pytest.raises(CommandError, match=r"regions\.csv: No such file"):
        call_command("load_tree", str(tmp_path))


def test_the_register_takes_thousands_and_updates_by_code():
    load_tree("上海市")
    rows = [
        RegisterRow(invent_employer_name(n), invent_uscc(n), "private", "I", "上海市", n, "010019") for n in range(3000)
    ]
    assert load_register(rows) == 3000
    load_register([RegisterRow("上海改名有限公司", invent_uscc(7))])
    assert RegisteredEmployer.objects.count() == 3000
    changed, unchanged = (RegisteredEmployer.objects.get(code=invent_uscc(n)) for n in (7, 8))
    assert (changed.name, changed.street) == ("上海改名有限公司", None)
    assert (unchanged.staff_count, unchanged.street.area) == (8, "五角场街道")
    assert sorted(entry.data["employers"] for entry in Entry.objects.filter(verb="register.loaded")) == [1, 3000]


HEAD = "单位名称,统一社会信用代码,经济类型,单位所属行业,单位地址,职工人数,街镇代码\n"


def csv_file(tmp_path: Path, *lines: str) -> str:
    path = tmp_path / "register.csv"
    path.write_text(HEAD + "\n".join(lines), encoding="utf-8-sig")
    return str(path)


def test_a_register_file_is_loaded_by_labels(tmp_path):
    load_tree("上海市")
    call_command(
        "load_register", csv_file(tmp_path, f"上海甲有限公司,{invent_uscc(1)},私营企业,制造业,某路1号,30,010019")
    )
    employer = RegisteredEmployer.objects.get()
    assert (employer.economic_type, employer.industry, employer.staff_count) == ("private", "C", 30)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (f",{invent_uscc(1)},,,,,", "第 3 行：请填写单位名称"),
        ("上海乙有限公司,91310000MA00000000,,,,,", "第 3 行：统一社会信用代码"),
        (f"上海乙有限公司,{invent_uscc(1)},大公司,,,,", "第 3 行：经济类型中没有“大公司”"),
        (f"上海乙有限公司,{invent_uscc(1)},,,,三十,", "第 3 行：职工人数应为数字"),
        (f"上海乙有限公司,{invent_uscc(1)},,,,,999999", "第 3 行：没有代码为「999999」的街镇"),
    ],
)
def test_one_wrong_line_and_no_employer_is_taken(tmp_path, line, words):
    with pytest.raises(CommandError, match=words):
        call_command("load_register", csv_file(tmp_path, f"上海甲有限公司,{invent_uscc(2)},,,,,", line))
    assert not RegisteredEmployer.objects.exists()


def test_a_register_file_without_codes_is_refused(tmp_path):
    (tmp_path / "register.csv").write_text("单位名称\n上海甲有限公司\n")
    with pytest.raises(CommandError, match="lacks the columns 统一社会信用代码"):
        call_command("load_register", str(tmp_path / "register.csv"))
