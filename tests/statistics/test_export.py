"""「导出」 of figures: by whoever may see them, whatever door leads there."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.utils.timezone import localdate

from gonghui.audit.models import Entry
from gonghui.kit.errors import Refused
from gonghui.statistics.closing import close_all
from gonghui.statistics.export import export_figures
from gonghui.statistics.models import Closing
from tests.people import Cast
from tests.statistics.test_closing import member_since

pytestmark = pytest.mark.django_db


@pytest.fixture
def closing(cast: Cast) -> Closing:
    member_since(cast.union, localdate() - timedelta(days=40))
    close_all()
    return Closing.objects.earliest("day")


@pytest.mark.parametrize("who", ["reviewer", "viewer", "district_admin", "platform_admin"])
def test_a_union_and_those_above_it_export_its_figures_and_it_is_recorded(cast, closing, tmp_path: Path, who):
    assert export_figures(closing, cast.street, tmp_path / "figures.xlsx", by=getattr(cast, who), dimension="sex")
    assert Entry.objects.get(verb="figure.exported").object_id == cast.street.pk


@pytest.mark.parametrize("who", ["officer", "other_reviewer", "bureau_admin", "claimant"])
def test_nobody_else_does(cast, closing, tmp_path: Path, who):
    with pytest.raises(Refused, match="只有该工会和它的上级工会"):
        export_figures(closing, cast.street, tmp_path / "figures.xlsx", by=getattr(cast, who), dimension="sex")
    assert not Entry.objects.filter(verb="figure.exported").exists()
