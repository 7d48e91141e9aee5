"""The lists of districts, streets and bureaus are complete and consistent."""

import csv
from collections import Counter
from importlib.resources import files

from gonghui.kit.invent import DISTRICTS

DATA = files("gonghui.unions") / "data"


def rows(name: str) -> list[dict[str, str]]:
    return list(csv.DictReader((DATA / name).read_text(encoding="utf-8").splitlines()))


REGIONS, BUREAUS = rows("regions.csv"), rows("bureaus.csv")


def test_shanghai_has_sixteen_districts_and_their_parts():
    kinds = Counter(row["kind"] for row in REGIONS)
    assert kinds == {"district": 16, "subdistrict": 107, "town": 106, "township": 2, "zone": 14, "farm": 5}


def test_every_part_stands_under_its_district():
    districts = {row["code"] for row in REGIONS if row["kind"] == "district"}
    for row in REGIONS:
        if row["kind"] == "district":
            assert (row["parent"], len(row["code"])) == ("310000", 6)
        else:
            assert row["parent"] in districts
            assert row["code"].startswith(row["parent"])
            assert len(row["code"]) == 9


def test_names_end_as_their_kind_does():
    endings = {"district": "区", "subdistrict": "街道", "town": "镇", "township": "乡"}
    assert all(row["name"].endswith(endings.get(row["kind"], "")) for row in REGIONS)


def test_every_bureau_has_three_to_six_companies():
    bureaus = [row["union_code"] for row in BUREAUS if row["kind"] == "bureau"]
    companies = Counter(row["parent"] for row in BUREAUS if row["kind"] == "company")
    assert 20 <= len(bureaus) <= 25
    assert set(companies) == set(bureaus)
    assert all(3 <= count <= 6 for count in companies.values())


def test_union_codes_are_unique_and_begin_with_the_superior_s():
    codes = [row["union_code"] for row in REGIONS + BUREAUS]
    assert len(set(codes)) == len(codes)
    own = {row["code"]: row["union_code"] for row in REGIONS}
    for row in REGIONS + BUREAUS:
        top = row["kind"] in ("district", "bureau")
        superior = "" if top else own.get(row["parent"], row["parent"])
        assert row["union_code"].isdigit()
        assert row["union_code"].startswith(superior)
        assert len(row["union_code"]) == (3 if top else 6)


def test_member_numbers_of_yangpu_begin_with_010():
    assert {row["name"]: row["union_code"] for row in REGIONS}["杨浦区"] == "010"


def test_invented_people_live_in_these_districts():
    assert {row["code"]: row["name"] for row in REGIONS if row["kind"] == "district"} == DISTRICTS
