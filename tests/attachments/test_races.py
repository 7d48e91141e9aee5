"""Two windows of one officer at the same moment, by two connections."""

from functools import partial

import pytest

from gonghui.attachments import actions
from gonghui.attachments.actions import detach
from gonghui.attachments.models import Attachment, Bundle
from gonghui.kit.errors import Refused
from tests.attachments.stories import collected
from tests.filings.stories import amended
from tests.filings.test_races import DONE, at_once
from tests.people import make_cast

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.server]


def test_two_windows_that_upload_make_one_draft_and_never_too_many(monkeypatch):
    monkeypatch.setattr(actions, "MOST", 2)
    cast = make_cast()
    outcomes = at_once(*[partial(collected, cast.officer)] * 3)
    assert Attachment.objects.filter(bundle=Bundle.objects.get()).count() == outcomes.count(DONE) == 2


def test_what_comes_while_the_request_is_sent_goes_along_or_is_told():
    cast = make_cast()
    first = collected(cast.officer)
    sent, came = at_once(partial(amended, cast, address="示例路2号"), partial(collected, cast.officer))
    assert sent == DONE
    assert came == DONE or "刚刚已经提交" in came
    assert first in Bundle.objects.get(review__isnull=False).attachments.all()


def test_a_draft_that_was_sent_while_it_was_waited_for_is_told(monkeypatch):
    cast = make_cast()
    collected(cast.officer)
    made = Bundle.objects.get_or_create

    def sent_meanwhile(**values):
        found = made(**values)
        amended(cast, address="示例路2号")
        return found

    monkeypatch.setattr(Bundle.objects, "get_or_create", sent_meanwhile)
    with pytest.raises(Refused, match="刚刚已经提交"):
        collected(cast.officer)
    assert Attachment.objects.count() == 1


def test_what_is_removed_while_the_request_is_sent_goes_or_stays_whole():
    cast = make_cast()
    kept, removed = collected(cast.officer), collected(cast.officer)
    sent, gone = at_once(partial(amended, cast, address="示例路2号"), partial(detach, removed, by=cast.officer))
    assert sent == DONE
    bundle = Bundle.objects.get(review__isnull=False)
    assert set(bundle.attachments.all()) == ({kept} if gone == DONE else {kept, removed})
    assert gone == DONE or "已经提交" in gone
