"""「全选符合条件的 N 人」 and the actions on ticked members: the server checks the ticked ids again."""

import io

import openpyxl
import pytest
from django.urls import reverse

from gonghui.audit.models import Entry
from gonghui.members import queries
from gonghui.members.queries import Filters
from gonghui.members.register import views
from tests.factories import make_member

pytestmark = pytest.mark.django_db
LIST, FIT, EXPORT = reverse("members:list"), reverse("members:fit"), reverse("members:export")


@pytest.fixture
def members(cast):
    return [make_member(cast.union, sex="female" if number % 2 else "male") for number in range(14)]


def test_all_that_the_filters_match_are_ticked_on_every_page(cast, client, members):
    client.force_login(cast.officer)
    assert client.get(FIT).json()["ids"] == [member.pk for member in members]
    token = Filters(sex="female").token(cast.officer)
    assert client.get(FIT, {"q": token, "page": "2"}).json()["ids"] == [member.pk for member in members[1::2]]
    assert client.get(FIT, {"q": "AAAA"}).json()["ids"] == []
    assert "全选符合条件的 7 人" in client.get(LIST, {"q": token}).text


def test_the_maximum_is_stated_and_kept(cast, client, members, monkeypatch):
    for module in (queries, views):
        monkeypatch.setattr(module, "MAX_TICKED", 12)
    client.force_login(cast.officer)
    assert "全选符合条件的前 12 人" in client.get(LIST).text
    assert client.get(FIT).json()["ids"] == [member.pk for member in members[:12]]
    refused = client.post(
        EXPORT, {"member": ",".join(str(member.pk) for member in members)}, headers={"HX-Request": "true"}
    )
    assert refused.status_code == 409
    assert "一次最多勾选 12 名会员，现在是 14 名" in refused.text


def test_the_ticked_are_exported_and_recorded_without_those_of_others(cast, client, members):
    stranger = make_member(cast.neighbour)
    chosen = [members[0], members[13]]
    ids = ",".join(str(member.pk) for member in [*chosen, stranger])
    client.force_login(cast.officer)
    response = client.post(f"{EXPORT}?q={Filters(sex='female').token(cast.officer)}", {"member": ids})
    assert "将导出勾选的" in response.text
    assert f'value="{members[0].pk},{members[13].pk}"' in response.text
    assert not Entry.objects.filter(verb="member.exported").exists()
    sent = client.post(EXPORT, {"member": ids, "numbers": "masked"})
    rows = list(openpyxl.load_workbook(io.BytesIO(sent.getvalue())).active.values)
    assert [row[0] for row in rows if row[0] and str(row[0]).isdecimal()] == [member.number for member in chosen]
    assert Entry.objects.get(verb="member.exported").data["count"] == 2


def test_nobody_elses_members_alone_are_not_there(cast, client, members):
    client.force_login(cast.officer)
    refused = client.post(EXPORT, {"member": str(make_member(cast.neighbour).pk)}, headers={"HX-Request": "true"})
    assert refused.status_code == 409
    assert "已经不在列表中" in refused.text
