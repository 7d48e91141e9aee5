"""Who sees an attachment: whoever sees its request, and of a draft its maker alone."""

import pytest
from django.db import IntegrityError, transaction

from gonghui.attachments.models import Attachment, Bundle
from gonghui.transfers.overdue.actions import settle_overdue
from tests.attachments.stories import attached, collected
from tests.factories import make_member
from tests.filings.stories import relocated
from tests.people import Cast
from tests.transfers.stories import overdue, requested


def seen_by(cast: Cast, one: Attachment) -> set[str]:
    people = {name: person for name, person in vars(cast).items() if hasattr(person, "has_role")}
    return {name for name, person in people.items() if Attachment.objects.visible_to(person).filter(pk=one.pk).exists()}


def test_a_draft_is_its_makers_alone(cast):
    assert seen_by(cast, collected(cast.officer)) == {"officer"}


def test_who_left_the_union_sees_the_draft_no_more(cast):
    one = collected(cast.officer)
    cast.officer.union = cast.neighbour
    assert seen_by(cast, one) == set()


def test_whoever_sees_the_request_sees_what_is_attached(cast):
    _, one = attached(cast)
    assert seen_by(cast, one) == {"officer", "reviewer", "viewer", "district_admin", "platform_admin"}


def test_the_other_superior_of_a_relocation_sees_it_too(cast):
    one = collected(cast.officer, kind="relocation", scan="approval")
    relocated(cast)
    assert seen_by(cast, one) == {"officer", "reviewer", "viewer", "district_admin", "platform_admin", "other_reviewer"}


def test_a_transfer_is_seen_by_both_unions_and_by_a_superior_only_once_it_is_to_decide(cast):
    member = make_member(cast.union)
    one = collected(cast.neighbour_officer, kind="member_transfer", about="request", scan="document")
    transfer = requested(cast, member)
    assert seen_by(cast, one) == {"officer", "neighbour_officer"}
    overdue(transfer)
    settle_overdue()
    assert seen_by(cast, one) == {
        "officer",
        "neighbour_officer",
        "reviewer",
        "viewer",
        "district_admin",
        "platform_admin",
    }


@pytest.mark.parametrize(
    "values",
    [
        {"content_sealed": None},
        {"name_sealed": None},
        {"pages": 1},
        {"width": None},
        {"removed_at": "2026-01-01T00:00Z"},
    ],
)
def test_a_row_is_whole(cast, values: dict):
    one = collected(cast.officer)
    with pytest.raises(IntegrityError), transaction.atomic():
        Attachment.objects.filter(pk=one.pk).update(**values)


def test_one_draft_for_one_thing(cast):
    one = collected(cast.officer).bundle
    with pytest.raises(IntegrityError), transaction.atomic():
        Bundle.objects.create(union=one.union, kind=one.kind, about=one.about, made_by=one.made_by)
    with pytest.raises(IntegrityError), transaction.atomic():
        Bundle.objects.create(union=one.union, kind="filing", made_by=one.made_by, review=attached(cast)[0])


def test_one_attachment_is_asked_for_itself_and_not_among_all_requests(cast):
    """ "In" the requests that the user sees means to read them all, since PostgreSQL hashes what stands in an OR."""
    _, one = attached(cast)
    sql = str(Attachment.objects.visible_to(cast.reviewer).filter(pk=one.pk).query)
    assert '"bundle_id" IN' not in sql
    assert '"review_id" IN' not in sql
