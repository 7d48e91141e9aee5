"""A retired value of a code list in a union's particulars: refused where it is new, kept where it is held (SPEC 5.4)."""

import pytest
from django.urls import reverse
from django.utils.timezone import localdate

from gonghui.codelists.actions import add_code, rename_code, retire_code
from gonghui.codelists.models import Code
from gonghui.unions import union_details
from gonghui.unions.union_details import FIXED
from tests.filings.stories import approved, form_data, submitted

pytestmark = pytest.mark.django_db


def private() -> Code:
    return Code.objects.get(code_list="economic_type", value="private")


def retire_private(cast) -> None:
    limited = Code.objects.get(code_list="economic_type", value="limited")
    retire_code(private(), on=localdate(), successor=limited, version=private().version, by=cast.platform_admin)


def test_a_retired_value_is_not_filed(cast, client):
    client.force_login(cast.newcomer)
    retire_private(cast)
    form = client.get(f"{reverse('filings:start')}?entrance=district").text
    assert "有限责任公司" in form
    assert "私营企业" not in form
    response = client.post(reverse("filings:start"), form_data(cast))
    assert response.status_code == 422
    assert f"“私营企业”自 {localdate():%Y-%m-%d} 起停用，请改为“有限责任公司”。" in response.text
    assert "私营企业（已停用）" in response.text, "what was typed stays"
    cast.unfiled.refresh_from_db()
    assert cast.unfiled.state == "unfiled"


def test_a_union_that_holds_a_retired_value_keeps_it_and_may_change_all_else(cast, client):
    approved(submitted(cast).review, cast.reviewer)
    retire_private(cast)
    client.force_login(cast.newcomer)
    assert "私营企业" in client.get(reverse("filings:own")).text
    amendment = {key: value for key, value in form_data(cast, leader="赵示例").items() if key not in FIXED}
    assert client.post(reverse("filings:amend"), amendment).status_code == 302
    assert "私营企业" in client.get(reverse("filings:own")).text


def test_a_request_shows_the_label_of_today(cast, client):
    review = submitted(cast).review
    rename_code(private(), label="私营单位", version=1, by=cast.platform_admin)
    client.force_login(cast.reviewer)
    assert "私营单位" in client.get(reverse("reviews:review", args=[review.pk])).text


def test_an_added_value_is_filed_approved_and_shown(cast, client):
    added = add_code("economic_type", label="民办非企业单位", by=cast.platform_admin)
    approved(submitted(cast, economic_type=added.value).review, cast.reviewer)
    cast.unfiled.employer.refresh_from_db()
    assert cast.unfiled.employer.economic_type == added.value
    assert (
        union_details.shown(union_details.current(cast.unfiled), "", cast.unfiled)["economic_type"] == "民办非企业单位"
    )
