"""Every field of ``policies.fields`` goes all the way, a new one without a word more: docs/contributing.md says so."""

import pytest
from django.db import IntegrityError, models, transaction
from django.urls import reverse

from gonghui.audit.models import Entry
from gonghui.policies.fields import FIELDS, PolicyField
from gonghui.policies.models import Policy
from gonghui.policies.queries import in_force

pytestmark = pytest.mark.django_db


def test_every_number_of_the_table_is_a_field_and_the_other_way_round():
    columns = [one for one in Policy._meta.concrete_fields if isinstance(one, models.PositiveSmallIntegerField)]
    assert {one.name for one in columns if one.null} == {one.name for one in columns} == set(FIELDS)


@pytest.mark.parametrize("field", FIELDS.values(), ids=FIELDS)
def test_it_goes_from_page_to_audit_and_down_the_tree(client, cast, field: PolicyField):
    assert in_force(field.name, [cast.union.pk]) == {cast.union.pk: field.default()}
    client.force_login(cast.district_admin)
    page, number = reverse("policies:policy", args=[cast.district.pk]), field.default() - 1
    assert field.label in client.get(page).text
    assert client.post(page, {field.name: str(field.default() + 1)}).status_code == 422
    assert client.post(page, {field.name: str(number)}).status_code == 302
    assert f'<b class="num">{number} 天</b>' in client.get(page).text
    assert in_force(field.name, [cast.union.pk, cast.far.pk]) == {
        cast.union.pk: number,
        cast.far.pk: field.default(),
    }
    assert Entry.objects.get(verb="policy.set").data == {"changes": [[field.label, "", str(number)]]}


@pytest.mark.parametrize("field", FIELDS.values(), ids=FIELDS)
def test_the_database_stands_behind(cast, field: PolicyField):
    for number in (0, field.maximum + 1):
        with pytest.raises(IntegrityError), transaction.atomic():
            Policy.objects.create(union=cast.city, set_by=cast.platform_admin, **{field.name: number})
