"""The city adds, renames, retires and reopens values; nothing else happens to them, and two at once do not overwrite."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils.timezone import localdate

from gonghui.accounts.models import Role
from gonghui.audit.models import Entry
from gonghui.codelists.actions import CHANGED_MEANWHILE, add_code, rename_code, reopen_code, retire_code
from gonghui.codelists.models import MAX_LABEL, Code
from gonghui.kit.errors import Refused
from tests.factories import make_user

pytestmark = pytest.mark.django_db

TODAY, TOMORROW = localdate, lambda: localdate() + timedelta(days=1)


def code(value: str, key: str = "household") -> Code:
    return Code.objects.get(code_list=key, value=value)


def order(key: str = "household") -> list[str]:
    return list(Code.objects.filter(code_list=key).order_by("position").values_list("label", flat=True))


def recorded(verb: str) -> dict:
    return Entry.objects.get(verb=verb).data


def test_a_value_is_added_at_its_place_and_recorded(cast):
    added = add_code("household", label=" 境外  户籍 ", national="X1", after=code("resident"), by=cast.platform_admin)
    assert (added.value, added.label, added.valid_from) == ("city_1", "境外 户籍", TODAY())
    assert order() == ["非农业", "农业", "居民户", "境外 户籍", "其他"]
    assert add_code("household", label="港澳", by=cast.platform_admin).value == "city_2"
    assert order()[-1] == "港澳"
    first = Entry.objects.filter(verb="code.added").earliest("pk")
    assert (first.label, first.data) == (
        "境外 户籍", {"list": "户籍类型", "national": "X1", "since": f"{TODAY():%Y-%m-%d}"},
    )  # fmt: skip


def test_a_value_is_renamed_and_the_old_name_kept(cast):
    renamed = rename_code(code("rural"), label="农村", version=1, by=cast.platform_admin)
    assert (renamed.value, renamed.label, renamed.former_labels, renamed.version) == ("rural", "农村", ["农业"], 2)
    assert recorded("code.renamed") == {"list": "户籍类型", "changes": [["名称", "农业", "农村"]]}
    assert Code.pgh_event_model.objects.get().label == "农业"
    back = rename_code(renamed, label="农业", version=2, by=cast.platform_admin)
    assert (back.label, back.former_labels) == ("农业", ["农村"])


def test_a_value_is_retired_with_its_successor_and_reopened(cast):
    retired = retire_code(code("rural"), on=TODAY(), successor=code("resident"), version=1, by=cast.platform_admin)
    assert (retired.valid_until, retired.successor.label, retired.state) == (TODAY(), "居民户", "ended")
    day = f"{TODAY():%Y-%m-%d}"
    assert recorded("code.retired") == {"list": "户籍类型", "until": day, "successor": "居民户"}
    again = reopen_code(retired, version=2, by=cast.platform_admin)
    assert (again.valid_until, again.successor, again.state) == (None, None, "open")
    assert recorded("code.reopened")["changes"] == [["停用日期", day, ""]]


@pytest.mark.parametrize("label", ["农业", "农 业", "RURAL", "", "   ", "长" * (MAX_LABEL + 1), "农村"])
def test_no_label_means_two_values_of_a_list(cast, label):
    rename_code(code("rural"), label="农村", version=1, by=cast.platform_admin)  # 农业 is its former label
    before = order()
    for act in (
        lambda: add_code("household", label=label, by=cast.platform_admin),
        lambda: rename_code(code("urban"), label=label, version=1, by=cast.platform_admin),
    ):
        with pytest.raises(Refused) as refused:
            act()
        assert refused.value.field == "label"
    assert order() == before
    add_code("skill_level", label="农业", by=cast.platform_admin)  # another list


def test_the_database_stands_behind(cast):
    for wrong in (
        {"label": "非农业"}, {"label": ""}, {"label": "长" * (MAX_LABEL + 1)}, {"successor": code("urban")},
        {"valid_from": TOMORROW(), "valid_until": TODAY()}, {"value": "urban"},
    ):  # fmt: skip
        with pytest.raises(IntegrityError), transaction.atomic():
            Code.objects.filter(pk=code("rural").pk).update(**wrong)


@pytest.mark.parametrize(
    ("key", "value"), [("document_type", "passport"), ("sex", "male"), ("education", "primary"), ("industry", "A"),
                       ("grassroots_type", "single")],
)  # fmt: skip
def test_in_a_closed_list_values_are_only_renamed(cast, key, value):
    one = code(value, key)
    with pytest.raises(Refused, match="不能增加，只能修改名称"):
        add_code(key, label="新的", by=cast.platform_admin)
    with pytest.raises(Refused, match="不能停用，只能修改名称"):
        retire_code(one, on=TODAY(), successor=None, version=1, by=cast.platform_admin)
    assert rename_code(one, label="新的名称", version=1, by=cast.platform_admin).value == value


def test_a_value_that_the_platform_needs_is_not_retired(cast):
    with pytest.raises(Refused, match="平台的规则要用到“会员”"):
        retire_code(code("member", "position"), on=TODAY(), successor=None, version=1, by=cast.platform_admin)


def test_the_last_value_is_not_retired(cast):
    for value in ("urban", "rural", "resident"):
        retire_code(code(value), on=TODAY(), successor=None, version=1, by=cast.platform_admin)
    with pytest.raises(Refused, match="最后一个在用的值"):
        retire_code(code("other"), on=TODAY(), successor=None, version=1, by=cast.platform_admin)


def test_days_before_today_and_before_the_first_day_are_refused(cast):
    yesterday = TODAY() - timedelta(days=1)
    for act in (
        lambda: add_code("household", label="境外", since=yesterday, by=cast.platform_admin),
        lambda: retire_code(code("rural"), on=yesterday, successor=None, version=1, by=cast.platform_admin),
    ):
        with pytest.raises(Refused, match="不能早于今天"):
            act()
    added = add_code("household", label="境外", since=TOMORROW(), by=cast.platform_admin)
    with pytest.raises(Refused, match="停用日期不能更早"):
        retire_code(added, on=TODAY(), successor=None, version=1, by=cast.platform_admin)


def test_a_successor_can_be_chosen_itself_so_that_none_lead_in_a_circle(cast):
    retire_code(code("rural"), on=TODAY(), successor=code("resident"), version=1, by=cast.platform_admin)
    late = add_code("household", label="境外", since=TOMORROW(), by=cast.platform_admin)
    for successor in (code("rural"), code("resident"), late):
        with pytest.raises(Refused, match="不能用来替代"):
            retire_code(code("resident"), on=TODAY(), successor=successor, version=1, by=cast.platform_admin)
    with pytest.raises(Refused, match="已定于"):
        retire_code(code("rural"), on=TODAY(), successor=None, version=2, by=cast.platform_admin)
    with pytest.raises(Refused, match="没有停用"):
        reopen_code(code("resident"), version=1, by=cast.platform_admin)


def test_the_second_of_two_administrators_is_told_and_changes_nothing(cast):
    page = code("rural")
    rename_code(page, label="农村", version=1, by=cast.platform_admin)
    for act in (
        lambda: rename_code(page, label="乡村", version=1, by=cast.platform_admin),
        lambda: retire_code(page, on=TODAY(), successor=None, version=1, by=cast.platform_admin),
        lambda: reopen_code(page, version=1, by=cast.platform_admin),
    ):
        with pytest.raises(Refused) as refused:
            act()
        assert refused.value.sentence == CHANGED_MEANWHILE
    now = code("rural")
    assert (now.label, now.valid_until, now.version) == ("农村", None, 2)


def test_only_the_citys_platform_administrators(cast):
    for by in (cast.district_admin, cast.officer, cast.reviewer, make_user(cast.city, Role.ADMIN)):
        with pytest.raises(Refused, match="只有市总工会的平台管理员"):
            add_code("household", label="境外", by=by)
        with pytest.raises(Refused, match="只有市总工会的平台管理员"):
            rename_code(code("rural"), label="农村", version=1, by=by)
    type(cast.platform_admin).objects.filter(pk=cast.platform_admin.pk).update(roles=[Role.VIEWER])
    with pytest.raises(Refused, match="只有市总工会的平台管理员"):
        add_code("household", label="境外", by=cast.platform_admin)
    assert not Entry.objects.filter(verb__startswith="code.").exists()
