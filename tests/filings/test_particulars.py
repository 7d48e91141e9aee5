"""Every particular of a union goes from the form to what is live, by filing and by amendment: docs/contributing.md says how
one is added.
"""

import pytest
from django.urls import reverse

from gonghui.audit.models import Entry
from gonghui.filings.filing.form import AmendmentForm, FilingForm
from gonghui.filings.models import Amendment
from gonghui.reviews.models import Review
from gonghui.unions import union_details
from gonghui.unions.models import Union
from gonghui.unions.union_details import FIXED, LABELS
from tests.filings.stories import approved, form_data

pytestmark = pytest.mark.django_db

OTHER = {
    "address": "示例路2号",
    "industry": "I",
    "staff_count": "120",
    "name": "上海新办餐饮有限公司联合工会",
    "founded_on": "2018-07-23",
    "grassroots_type": "joint",
    "reelection_on": "2031-07-24",
    "leader": "赵示例",
    "phone": "19900002222",
    "merged": "true",
}
"""Of each that an amendment may change another value than in ``stories.form_data``."""


def live(union: Union) -> dict[str, str]:
    """What is live as a form types it."""
    union = Union.objects.get(pk=union.pk)
    values = union_details.unpack(union_details.current(union), union)
    return {key: str(value).lower() if isinstance(value, bool) else str(value) for key, value in values.items()}


def filed(cast, client) -> dict[str, str]:
    """The newcomer sends the form, and the superior approves."""
    typed = form_data(cast)
    client.force_login(cast.newcomer)
    assert client.post(reverse("filings:start"), typed).status_code == 302
    approved(Review.objects.get(), cast.reviewer)
    return {key: typed[key] for key in LABELS}


def test_the_forms_ask_for_every_one():
    asked = {form: [name for _, names in form.GROUPS for name in names] for form in (AmendmentForm, FilingForm)}
    assert set(asked[AmendmentForm]) == set(LABELS) - set(FIXED) == set(OTHER) == set(AmendmentForm.base_fields)
    assert set(asked[FilingForm]) == {*LABELS, "level2"} == set(FilingForm(entrance="district").fields)


def test_every_one_is_filed_and_becomes_live(cast, client):
    assert filed(cast, client) == live(cast.unfiled)


@pytest.mark.parametrize("key", OTHER)
def test_every_one_is_amended_alone_and_nothing_else_moves(cast, client, key):
    before = filed(cast, client)
    assert before[key] != OTHER[key]
    typed = {name: before[name] for name in OTHER} | {key: OTHER[key]}
    assert client.post(reverse("filings:amend"), typed).status_code == 302
    review = Amendment.objects.get().review
    approved(review, cast.reviewer)
    assert live(cast.unfiled) == before | {key: OTHER[key]}
    ((label, old, new),) = Entry.objects.get(verb="amendment.approved").data["changes"]
    assert (label, old != new) == (LABELS[key], True)
    assert LABELS[key] in client.get(reverse("filings:own")).text
