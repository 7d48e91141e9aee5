"""The city's tree, loaded from files."""

import pytest
from django.core.management import CommandError, call_command

from gonghui.audit.models import Entry
from gonghui.unions.levels import UnionKind
from gonghui.unions.loading import load_tree
from gonghui.unions.models import Union

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
