"""After each migration the database has what the code registers, and what the city has made of it stays."""

import pytest
from django.apps import apps
from django.apps.registry import Apps
from django.core.management.sql import emit_post_migrate_signal
from django.db import ProgrammingError, connection, transaction

from gonghui.codelists.actions import add_code, rename_code
from gonghui.codelists.hooks import LISTS
from gonghui.codelists.models import Code
from gonghui.codelists.seeding import seed

pytestmark = pytest.mark.django_db


def stored(key: str) -> list[tuple[str, str, str]]:
    rows = Code.objects.filter(code_list=key).order_by("position")
    return list(rows.values_list("value", "label", "national_code"))


def code(key: str, value: str) -> Code:
    return Code.objects.get(code_list=key, value=value)


@pytest.mark.parametrize("one", LISTS.values(), ids=LISTS)
def test_every_list_is_there_in_the_order_of_the_code(one):
    assert stored(one.key) == [(value, label, one.national[value] or "") for value, label in one.choices.choices]


def test_again_it_changes_nothing_of_the_citys(cast):
    rename_code(code("education", "primary"), label="小学", version=1, by=cast.platform_admin)
    add_code("household", label="境外", by=cast.platform_admin)
    before = list(Code.objects.order_by("pk").values())
    seed(apps=apps)
    assert list(Code.objects.order_by("pk").values()) == before


def test_a_national_code_that_was_wrong_is_corrected():
    Code.objects.filter(code_list="sex", value="male").update(national_code="7", label="男性")
    seed(apps=apps)
    assert stored("sex")[0] == ("male", "男性", "1")


def test_a_value_that_a_later_version_brings_is_added_and_told_from_one_of_the_citys(cast, monkeypatch):
    add_code("household", label="居民户二", by=cast.platform_admin)
    one = LISTS["household"]
    labels = [*one.choices.choices, ("second", "居民户二"), ("third", "居民户三")]
    later = type("Later", (), {"choices": labels})
    monkeypatch.setitem(
        LISTS, "household", type(one)(**{**vars(one), "choices": later, "national": dict.fromkeys(dict(labels))})
    )
    seed(apps=apps)
    assert [label for _, label, _ in stored("household")][-3:] == ["居民户二", "居民户二（second）", "居民户三"]


def test_before_the_apps_own_migration_there_is_nothing_to_do():
    seed(apps=Apps())


def test_an_emptied_database_has_them_again():
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE codelists_code CASCADE")
    emit_post_migrate_signal(verbosity=0, interactive=False, db="default")
    assert Code.objects.count() == sum(len(one.choices) for one in LISTS.values())


def test_no_value_is_ever_deleted():
    with pytest.raises(ProgrammingError, match="Cannot delete"), transaction.atomic():
        Code.objects.all().delete()
