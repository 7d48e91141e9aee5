"""The migrations add the keys of names from an earlier version, so that searches find them (SPEC 3.11)."""

from importlib import import_module

import pytest

from gonghui.members.models import Member
from gonghui.members.queries import Filters, listed_members
from gonghui.unions.models import Employer
from gonghui.unions.queries import named
from tests.factories import make_member

pytestmark = pytest.mark.django_db

members = import_module("gonghui.members.migrations.0012_fill_name_keys")
unions = import_module("gonghui.unions.migrations.0007_fill_name_keys")


def test_the_migration_gives_names_their_keys_and_leaves_histories_alone(cast):
    for name in ("王小明", "\u2ee2建国", "买买提·艾力", "SMITH JOHN", "\uf9e1英子"):
        Member.objects.filter(pk=make_member(cast.union).pk).update(name=name, name_key=None, pinyin="")
    before = Member.events.rel.related_model.objects.count()
    for _ in range(2):  # a killed run starts again
        members.fill_keys(None, None)
    keys = dict(Member.objects.values_list("name", "name_key"))
    assert keys == {
        "王小明": None,
        "马建国": None,
        "买买提·艾力": "买买提艾力",
        "SMITH JOHN": "john smith",
        "李英子": None,
    }
    assert Member.events.rel.related_model.objects.count() == before
    for search, name in (("\u2ee2建", "马建国"), ("John S", "SMITH JOHN"), ("艾力", "买买提·艾力")):
        assert [listed_member.name for listed_member in listed_members(cast.officer, Filters(name=search))] == [name]


def test_the_migration_gives_units_their_keys(cast):
    Employer.objects.filter(union=cast.union).update(name="上海示例（集团）有限公司", name_key=None)
    assert named("上海示例(集团)有限公司") is None
    for _ in range(2):
        unions.fill_keys(None, None)
    assert named("上海示例(集团)有限公司") == cast.union
