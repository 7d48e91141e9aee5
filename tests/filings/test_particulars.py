"""Every particular of a union goes from the form to what is live, by filing and by amendment: docs/contributing.md says how
one is added.
"""

import pytest
from django.urls import reverse

from gonghui.audit.models import Entry
from gonghui.filings.filing.form import AmendmentForm, FilingForm
from gonghui.filings.models import Amendment
from gonghui.inspections.completion.export import export_line, export_rows, headings
from gonghui.kit.invent import invent_uscc
from gonghui.policies.columns.of_unions import collected
from gonghui.reviews.models import Review
from gonghui.unions import union_details
from gonghui.unions.models import Union
from gonghui.unions.national import FIELDS, Kind
from gonghui.unions.union_details import FIXED, LABELS, MANUAL
from tests.filings.stories import approved, form_data
from tests.inspections.stories import opened
from tests.policies.stories import collecting

pytestmark = pytest.mark.django_db

OTHER = {
    "address": "示例路2号",
    "industry": "I",
    "staff_count": "120",
    "name": "上海新办餐饮有限公司联合工会",
    "founded_on": "2017-06-23",
    "grassroots_type": "joint",
    "reelection_on": "2031-07-24",
    "leader": "赵示例",
    "phone": "19900002222",
    "merged": "true",
}
"""Of each that an amendment may change another value than in ``stories.form_data``."""
NATIONAL = {
    "employer_kind": ("private", "other_stock"),
    "national_economic_type": ("private", "shareholding"),
    "district_code": ("310110", "310101"),
    "women_count": ("0", "40"),
    "migrant_count": ("7", "100"),
    "legal_code": (invent_uscc(1, "81"), invent_uscc(2, "81")),
    "certificate_number": ("沪工法字第001号", "沪工法字第002号"),
    "certificate_issued_on": ("2025-08-01", "2025-09-01"),
    "certificate_valid_until": ("2030-07-31", "2030-08-31"),
    "session_number": ("3", "4"),
    "term_years": ("5", ""),
    "chair_employment": ("part_time", "full_time"),
    "full_time_officers": ("1", "2"),
}
"""Two good values of each column of the national form, as typed."""
for one in FIELDS.values():
    if one.detail_of:
        NATIONAL |= {one.detail_of: ("yes", "no"), one.name: ("2018-01-02", "2019-03-04")}
CHANGED = OTHER | {name: other for name, (_, other) in NATIONAL.items()}
FIRST = {name: first for name, (first, _) in NATIONAL.items()}


def live(union: Union) -> dict[str, str]:
    """What is live as a form types it."""
    union = Union.objects.get(pk=union.pk)
    values = union_details.unpack(union_details.current(union), union)
    words = {key: str(value).lower() if isinstance(value, bool) else str(value) for key, value in values.items()}
    return {key: "" if word == "None" else word for key, word in words.items()}


def filed(cast, client, **changes: str) -> dict[str, str]:
    """The city collects everything; the newcomer sends the form, and the superior approves."""
    collecting(cast, "union")
    typed = form_data(cast) | FIRST | changes
    client.force_login(cast.newcomer)
    assert client.post(reverse("filings:start"), typed).status_code == 302
    approved(Review.objects.get(), cast.reviewer)
    return {key: typed[key] for key in LABELS}


def asked(form: AmendmentForm) -> list[str]:
    return [name for _, fields in form.groups() for name in (field.name for field in fields)]


def test_the_forms_ask_for_every_one(cast):
    collecting(cast, "union")
    amendment, filing = AmendmentForm(asked=collected()), FilingForm(entrance="district", asked=collected())
    assert set(asked(amendment)) == set(LABELS) - set(FIXED) == set(CHANGED) == set(amendment.fields)
    assert set(asked(filing)) == {*LABELS, "level2"} == set(filing.fields)


def test_every_one_is_filed_and_becomes_live(cast, client):
    assert filed(cast, client) == live(cast.unfiled)
    page = client.get(reverse("filings:own")).text
    assert all(field.label in page for field in FIELDS.values())


@pytest.mark.parametrize("key", CHANGED)
def test_every_one_is_amended_alone_and_nothing_else_moves(cast, client, key):
    detail = f"{key}_since"
    before = filed(cast, client, **({detail: ""} if detail in FIELDS else {}))
    assert before[key] != CHANGED[key]
    typed = {name: before[name] for name in CHANGED} | {key: CHANGED[key]}
    assert client.post(reverse("filings:amend"), typed).status_code == 302
    review = Amendment.objects.get().review
    client.force_login(cast.reviewer)
    assert LABELS[key] in client.get(reverse("reviews:review", args=[review.pk])).text
    approved(review, cast.reviewer)
    assert live(cast.unfiled) == before | {key: CHANGED[key]}
    ((label, old, new),) = Entry.objects.get(verb="amendment.approved").data["changes"]
    assert (label, old != new) == (LABELS[key], True)
    client.force_login(cast.newcomer)
    assert LABELS[key] in client.get(reverse("filings:own")).text
    if key in FIELDS:
        owner = cast.unfiled.employer if FIELDS[key].of_employer else cast.unfiled
        assert str(getattr(owner.events.order_by("-pgh_id")[0], key)) == before[key], "the earlier version is kept"


def test_the_list_of_the_inspection_exports_every_one_that_is_collected(cast, client):
    before = filed(cast, client)
    names = collected().fields
    row = next(iter(export_rows(opened(cast), cast.street, names, finished=False).filter(pk=cast.unfiled.pk)))
    line = dict(zip(headings(names), export_line(row, names), strict=True))
    for name, field in FIELDS.items():
        words = union_details.shown({name: before[name]}, "", cast.unfiled)[name]
        assert line[field.label] == words, name
    assert line["单位性质"] == "私营企业"


def test_while_nothing_is_asked_for_all_is_as_the_manual_shows_it(cast, client):
    client.force_login(cast.newcomer)
    form = client.get(f"{reverse('filings:start')}?entrance=district").text
    assert [name for name in FIELDS if f'name="{name}"' in form] == []
    assert client.post(reverse("filings:start"), form_data(cast) | FIRST).status_code == 302
    review = Review.objects.get()
    assert set(review.proposed) & set(FIELDS) == set()
    approved(review, cast.reviewer)
    page = client.get(reverse("filings:own")).text
    assert [field.label for field in FIELDS.values() if f"<dt>{field.label}</dt>" in page] == []
    assert headings([])[6:8] == ("职工人数", "会员人数")
    assert set(live(cast.unfiled)) == set(LABELS)
    assert {key for key in MANUAL if live(cast.unfiled)[key] == ""} == set()
    kinds = {field.kind for field in FIELDS.values()}
    assert kinds == set(Kind)
