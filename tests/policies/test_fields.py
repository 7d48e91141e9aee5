"""Every field of ``policies.fields`` goes all the way, a new one without a word more: docs/contributing.md says so."""

from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from gonghui.audit.models import Entry
from gonghui.kit.errors import Refused
from gonghui.policies.actions import set_policy
from gonghui.policies.fields import CARDS, FIELDS, Number, PolicyField
from gonghui.policies.models import Policy
from gonghui.policies.queries import in_force, in_statement, of_city, of_union
from gonghui.unions.models import Union
from tests.factories import make_user
from tests.policies.stories import bind, ruled
from tests.test_architecture import ROOT

pytestmark = pytest.mark.django_db

each = pytest.mark.parametrize("field", FIELDS.values(), ids=FIELDS)
NUMBERS = [field for field in FIELDS.values() if isinstance(field, Number)]
each_number = pytest.mark.parametrize("field", NUMBERS, ids=[field.name for field in NUMBERS])


def another(field: PolicyField) -> Any:
    """A value that is stricter than the default, or looser where it is the strictest."""
    if isinstance(field, Number):
        return field.default() - 1 if field.default() > field.lowest else field.lowest + 1
    return not field.default()


def sent(field: PolicyField, value: Any) -> dict[str, str]:
    return {field.name: str(value) if isinstance(field, Number) else "yes" if value else "no"}


def test_every_field_of_the_table_is_a_column_and_the_other_way_round():
    columns = {one.name for one in Policy._meta.concrete_fields if one.null}
    assert columns == set(FIELDS)
    assert {field.card for field in FIELDS.values()} == set(CARDS)


@each
def test_it_says_what_it_is_for_and_the_default_is_possible(field: PolicyField):
    assert field.help.endswith("。")
    assert field.problem(field.default()) == ""


@each
def test_the_documentation_says_what_it_is(field: PolicyField):
    who = "city; district, bureau: stricter" if field.below else "city"
    source = f"`{field.source}`" if field.source.isupper() else field.text(field.default())
    row = f"| {field.card} | {field.label} | {field.range} | {source} | {who} |"
    assert row in Path(ROOT / "docs" / "operations.md").read_text()


@each
def test_it_is_in_force_at_once_from_the_page_and_on_record(client, cast, field: PolicyField):
    bind(cast.platform_admin)
    assert of_city(field.name) == field.default()
    client.force_login(cast.platform_admin)
    page, value = reverse("policies:policy", args=[cast.city.pk]), another(field)
    assert field.label in client.get(page).text
    answer = client.post(page, sent(field, value))
    if answer.status_code == 200:  # what is felt at once is asked about
        answer = client.post(page, sent(field, value) | {"sure": answer.context["sure"]})
    assert answer.status_code == 302
    assert of_city(field.name) == value
    assert Entry.objects.get(verb="policy.set").data == {"changes": [[field.label, "", field.text(value)]]}


@each_number
def test_all_ways_to_read_it_agree(cast, field: Number):
    for value in (None, another(field)):
        ruled(cast, **{field.name: value})
        held = field.default() if value is None else value
        assert of_city(field.name) == held
        assert of_union(field.name, cast.union) == held
        assert in_force(field.name, [cast.union.pk]) == {cast.union.pk: held}
        assert Union.objects.filter(pk=cast.city.pk).values_list(in_statement(field.name), flat=True)[0] == held


@each_number
def test_out_of_range_is_refused_with_the_range_and_the_database_stands_behind(cast, field: Number):
    for number in (field.lowest - 1, field.highest + 1, 0, -1):
        with pytest.raises(Refused, match=f"应为 {field.range}"):
            ruled(cast, **{field.name: number})
        with pytest.raises(IntegrityError), transaction.atomic():
            Policy.objects.create(union=cast.city, set_by=cast.platform_admin, **{field.name: number})
    assert not Policy.objects.exists()


@each_number
@pytest.mark.parametrize("typed", ["ten", "1.5", "9" * 30, "9" * 5000])
def test_what_is_no_such_number_is_told_at_the_field(client, cast, field: Number, typed: str):
    client.force_login(cast.platform_admin)
    answer = client.post(reverse("policies:policy", args=[cast.city.pk]), {field.name: typed})
    assert answer.status_code == 422
    assert answer.context["form"].errors[field.name]
    assert typed in answer.text


@each
def test_only_an_administrator_of_the_city_sets_it_for_all(cast, field: PolicyField):
    for by in (make_user(cast.city, "viewer"), make_user(cast.city, "reviewer"), cast.district_admin, cast.officer):
        with pytest.raises(Refused, match="只有本工会的管理员"):
            set_policy(cast.city, {field.name: another(field)}, by=by)


@each
def test_below_it_is_set_stricter_or_not_at_all(cast, field: PolicyField):
    value = another(field)
    if not field.below:
        with pytest.raises(Refused, match="由市总工会统一规定，本级不能设定"):
            ruled(cast, "district_admin", **{field.name: value})
        return
    ruled(cast, "district_admin", **{field.name: value})
    held = in_force(field.name, [cast.union.pk, cast.far.pk])
    assert held == {cast.union.pk: value, cast.far.pk: field.default()}
    assert of_union(field.name, cast.union) == of_union(field.name, cast.district) == value
    ruled(cast, **{field.name: value - 1})
    with pytest.raises(Refused, match=f"上海市总工会的规定是 {field.text(value - 1)}，本级只能更严，不能放宽"):
        ruled(cast, "bureau_admin", **{field.name: value})
    assert of_union(field.name, cast.union) == value - 1, "what is stricter above holds, whatever was set before"


@each
def test_set_again_it_is_nothing_new(cast, field: PolicyField):
    bind(cast.platform_admin)
    assert len(ruled(cast, **{field.name: another(field)})) == 1
    assert ruled(cast, **{field.name: another(field)}) == []
    assert Entry.objects.filter(verb="policy.set").count() == 1


@each
def test_the_history_keeps_the_earlier_value(cast, field: PolicyField):
    bind(cast.platform_admin)
    ruled(cast, **{field.name: another(field)})
    ruled(cast, **{field.name: None})
    (earlier,) = Policy.pgh_event_model.objects.all()
    assert getattr(earlier, field.name) == another(field)
    changes = [entry.data["changes"] for entry in Entry.objects.filter(verb="policy.set").order_by("pk")]
    words = field.text(another(field))
    assert changes == [[[field.label, "", words]], [[field.label, words, ""]]]
