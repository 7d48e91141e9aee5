"""The migration that proposes 单位性质 and 经济类型（全国口径） from the mixed list of before (ADR 38)."""

from importlib import import_module

import pytest
from django.apps import apps
from django.db import connection
from django.test.utils import CaptureQueriesContext

from gonghui.unions.codes import EconomicType, EmployerKind, NationalEconomicType
from gonghui.unions.levels import UnionKind
from gonghui.unions.models import Employer
from tests.factories import make_union

pytestmark = [pytest.mark.django_db, pytest.mark.server]
MIGRATION = import_module("gonghui.unions.migrations.0017_propose_national_kinds")

PROPOSED = {
    "国有企业": ("国有企业", "国有经济"),
    "集体企业": ("集体企业", "集体经济"),
    "股份合作企业": ("股份合作企业", ""),
    "联营企业": ("联营企业", "联营经济"),
    "有限责任公司": ("", ""),
    "股份有限公司": ("", "股份制"),
    "私营企业": ("私营企业", "私营经济"),
    "其他内资企业": ("其他内资企业", ""),
    "港澳台商投资企业": ("港澳台商投资企业", "港澳台投资"),
    "外商投资企业": ("外商投资企业", "外商投资"),
    "个体经营": ("个体经济组织", "个体经济"),
    "机关": ("机关", ""),
    "事业单位": ("", ""),
    "社会组织": ("", ""),
    "其他": ("", ""),
}


@pytest.fixture
def employers(cast) -> dict[str, Employer]:
    """One of each value of the mixed list, as it was before, and one that has filed nothing."""
    rows = {"": cast.unfiled.employer}
    for value, label in EconomicType.choices:
        rows[str(label)] = make_union(UnionKind.GRASSROOTS, cast.street).employer
        Employer.objects.filter(pk=rows[str(label)].pk).update(economic_type=value)
    return rows


def propose() -> None:
    with connection.schema_editor() as editor:
        MIGRATION.propose(apps, editor)


def test_it_proposes_where_no_other_value_is_possible_and_leaves_the_rest(employers):
    propose()
    found = {}
    for label, employer in employers.items():
        employer.refresh_from_db()
        kinds = EmployerKind(employer.employer_kind).label if employer.employer_kind else ""
        economic = employer.national_economic_type
        found[label] = (kinds, NationalEconomicType(economic).label if economic else "")
    assert found == {"": ("", "")} | PROPOSED


def test_the_mixed_value_stays_and_no_version_is_made_of_the_proposal(employers):
    before = {employer.pk: employer.events.count() for employer in employers.values()}
    propose()
    for label, employer in employers.items():
        employer.refresh_from_db()
        assert employer.get_economic_type_display() == label
        assert employer.events.count() == before[employer.pk]


def test_it_takes_one_statement_however_many_there_are(employers):
    with CaptureQueriesContext(connection) as queries:
        propose()
    assert len([query for query in queries if "UPDATE unions_employer" in query["sql"]]) == 1
