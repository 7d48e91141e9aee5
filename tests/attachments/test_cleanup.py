"""Scans go so many days after their request has ended; the row stays and says so. Drafts that were never sent go whole."""

from datetime import timedelta

import pytest
from django.utils import timezone

from gonghui.attachments.models import Attachment, Bundle
from gonghui.kit.cleanup import SWEEPS, sweep_out
from gonghui.reviews.actions import decide, withdraw
from gonghui.reviews.models import Review
from gonghui.transfers.models import Transfer
from tests.attachments.stories import attached, collected
from tests.factories import make_member
from tests.transfers.stories import offered

DAYS = 180
DRAFT_DAYS = 30


def cleaned() -> dict[str, int]:
    return {name: sum(sweep_out(sweep)) for name, sweep in SWEEPS.items() if name.startswith("attachments: ")}


def ended(review: Review, days: int) -> None:
    Review.objects.filter(pk=review.pk).update(closed_at=timezone.now() - timedelta(days=days))


@pytest.mark.parametrize("end", ["approved", "refused", "withdrawn"])
def test_the_contents_go_some_time_after_the_request_has_ended_however_it_did(cast, client, end: str):
    review, one = attached(cast)
    Attachment.objects.update(sent_at=timezone.now() - timedelta(days=1000))
    assert not any(cleaned().values())
    if end == "withdrawn":
        withdraw(review, by=cast.officer)
    else:
        decide(review, decision=end, opinion="看过。", by=cast.reviewer)
    ended(review, DAYS - 1)
    assert not any(cleaned().values())
    ended(review, DAYS + 1)
    assert cleaned()["attachments: contents"] == 1
    one.refresh_from_db()
    assert (one.content_sealed, one.name_sealed) == (None, None)
    assert one.removed_at
    assert not any(cleaned().values())
    client.force_login(cast.reviewer)
    page = client.get(f"/reviews/{review.pk}/").text
    assert "已按期限清除" in page
    assert f"/attachments/{one.pk}/" not in page
    assert "已按保留期限清除" in client.get(f"/attachments/{one.pk}/", headers={"HX-Request": "true"}).text


def test_of_those_let_go_together_the_last_decides(cast):
    one = collected(cast.officer, kind="member_transfer", about="offer", scan="approval")
    first, second = offered(cast, make_member(cast.union), make_member(cast.union))
    long_ago = timezone.now() - timedelta(days=DAYS + 1)
    Transfer.objects.filter(pk=first.pk).update(state="agreed", decided_at=long_ago)
    assert not any(cleaned().values())
    Transfer.objects.filter(pk=second.pk).update(state="refused", decided_at=long_ago)
    assert cleaned()["attachments: contents"] == 1
    one.refresh_from_db()
    assert one.removed_at


def test_a_draft_that_was_never_sent_goes_whole(cast):
    collected(cast.officer)
    kept = collected(cast.neighbour_officer)
    assert not any(cleaned().values())
    old = timezone.now() - timedelta(days=DRAFT_DAYS + 1)
    Attachment.objects.exclude(pk=kept.pk).update(sent_at=old)
    Bundle.objects.update(made_at=old)
    assert {name: count for name, count in cleaned().items() if count} == {
        "attachments: not sent": 1,
        "attachments: places not used": 1,
    }
    assert list(Attachment.objects.all()) == [kept]
    assert list(Bundle.objects.all()) == [kept.bundle]
