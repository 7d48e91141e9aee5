"""What pages read of the code lists: labels, choices and meanings, without a statement a page."""

import re
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.timezone import localdate

from gonghui.codelists import queries
from gonghui.codelists.actions import add_code, rename_code, reopen_code, retire_code
from gonghui.codelists.hooks import LISTS
from gonghui.codelists.models import Code
from gonghui.codelists.queries import (
    MEMORY,
    Known,
    OfferedLabels,
    label,
    labels,
    meaning,
    offered,
    refusal,
    require_offered,
    seeds,
)
from gonghui.kit.errors import Refused
from gonghui.members.codes import Education, Household
from gonghui.members.models import Member
from tests.factories import make_member
from tests.test_architecture import SOURCES

pytestmark = pytest.mark.django_db


def code(value: str, key: str = "household") -> Code:
    return Code.objects.get(code_list=key, value=value)


def retire(cast, value: str, successor: str | None = None, on: date | None = None) -> None:
    one = code(value)
    retire_code(
        one, on=on or localdate(), successor=successor and code(successor), version=one.version, by=cast.platform_admin
    )


def test_the_database_says_what_the_code_says_as_long_as_the_city_has_changed_nothing():
    read, as_seeded = queries.read(), seeds()
    assert {choices: values.labels for choices, values in read.items()} == {
        choices: values.labels for choices, values in as_seeded.items()
    }
    assert all(not values.dated for values in read.values())


def test_a_page_pays_no_statement_and_a_writer_forgets(cast, django_assert_num_queries):
    MEMORY.forget()
    with CaptureQueriesContext(connection) as first:
        labels(Household)
    assert len(first) == 1
    with django_assert_num_queries(0):
        assert label(Household, "rural") == "农业"
        assert len(offered(Education)) == 8
        assert meaning(Household, "农业") == "rural"
    rename_code(code("rural"), label="农业户口", version=1, by=cast.platform_admin)
    assert label(Household, "rural") == "农业户口"


def test_what_another_process_changed_is_read_after_a_few_seconds(monkeypatch):
    now = [100.0]
    monkeypatch.setattr(queries, "monotonic", lambda: now[0])
    MEMORY.forget()
    labels(Household)
    Code.objects.filter(code_list="household", value="rural").update(label="农村")
    now[0] += queries.SECONDS - 0.1
    assert label(Household, "rural") == "农业"
    now[0] += 0.2
    assert label(Household, "rural") == "农村"


def test_a_former_label_keeps_its_meaning(cast):
    rename_code(code("rural"), label="乡村", version=1, by=cast.platform_admin)
    rename_code(code("rural"), label="农村", version=2, by=cast.platform_admin)
    assert [meaning(Household, word) for word in ("农业", "乡村", "农村", "rural")] == ["rural"] * 4
    assert meaning(Household, "没有的") is None


def test_a_retired_value_is_offered_until_the_day_and_keeps_its_label(cast):
    retire(cast, "rural", on=localdate() + timedelta(days=1))
    assert ("rural", "农业") in offered(Household)
    assert refusal(Household, "rural") is None
    Code.objects.filter(value="rural").update(valid_until=localdate())
    MEMORY.forget()
    assert ("rural", "农业") not in offered(Household)
    assert label(Household, "rural") == "农业"


def test_the_refusal_says_since_when_and_what_replaces_it(cast):
    retire(cast, "rural", "resident")
    today = f"{localdate():%Y-%m-%d}"
    assert refusal(Household, "rural") == (f"“农业”自 {today} 起停用", "请改为“居民户”")
    retire(cast, "resident", "other")
    assert refusal(Household, "rural") == (f"“农业”自 {today} 起停用", "请改为“其他”")
    one = code("other")
    retire(cast, "other")
    assert refusal(Household, "rural") == (f"“农业”自 {today} 起停用", "请从以下选项中选择：非农业")
    reopen_code(one, version=2, by=cast.platform_admin)
    with pytest.raises(Refused, match=f"“农业”自 {today} 起停用，请改为“其他”。") as refused:
        require_offered([("household", Household, "urban"), ("household", Household, "rural")])
    assert refused.value.field == "household"


def test_a_value_is_offered_from_its_first_day_on(cast):
    tomorrow = localdate() + timedelta(days=1)
    added = add_code("household", label="境外", since=tomorrow, by=cast.platform_admin)
    assert added.value not in dict(offered(Household))
    assert refusal(Household, added.value)[0] == f"“境外”自 {tomorrow:%Y-%m-%d} 起才可以使用"
    assert Known("a", "甲", valid_from=tomorrow).is_open(tomorrow)


def test_a_column_of_a_workbook_offers_the_labels_of_the_day(cast):
    column = OfferedLabels(Household, lambda: ["不详"])
    assert list(column) == ["非农业", "农业", "居民户", "其他", "不详"]
    retire(cast, "rural")
    assert (list(column), len(column), column[0]) == (["非农业", "居民户", "其他", "不详"], 4, "非农业")


def test_a_row_shows_the_citys_label_by_django_too(cast, django_assert_num_queries):
    member = make_member(cast.union, household="rural", education="")
    added = add_code("household", label="境外", by=cast.platform_admin)
    rename_code(code("rural"), label="农村", version=1, by=cast.platform_admin)
    labels(Household)
    with django_assert_num_queries(0):
        assert (member.get_household_display(), member.get_education_display()) == ("农村", "")
    member.household = added.value
    assert member.get_household_display() == "境外"
    assert Member(household="gone").get_household_display() == "gone"


def test_no_page_takes_a_label_or_a_choice_from_the_code():
    """`Sex(value).label` would not know what the city has renamed, and fail for what it has added."""
    names = "|".join(one.choices.__name__ for one in LISTS.values())
    from_the_code = re.compile(rf"\b({names})(\(.*?\)\.label|\.choices|\.labels)\b")
    found = {
        (path.name, line.strip())
        for path in SOURCES.rglob("*.py")
        if not {"migrations", "demo_data", "models"} & set(path.parts) and path.name not in ("codes.py", "models.py")
        for line in path.read_text("utf-8").splitlines()
        if from_the_code.search(line) or re.search(r"codes(\(.*\)\.label|\.choices|\.labels)\b", line)
    }
    assert {name for name, _ in found} == {"sheet.py"}, "the hint of a column that is declared once"
