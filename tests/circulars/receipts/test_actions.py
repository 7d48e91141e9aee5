"""A union reads a circular, and confirms it."""

import pytest

from gonghui.audit.models import Entry
from gonghui.circulars.models import Receipt
from gonghui.circulars.receipts.actions import confirm, mark_read
from gonghui.kit.errors import Refused
from gonghui.notices.models import Notice
from tests.circulars.stories import receipt, sent

pytestmark = pytest.mark.django_db


def asked(cast) -> bool:
    return Notice.objects.filter(user=cast.officer, read_at=None).exists()


def test_the_first_look_of_a_union_is_noted_and_asks_no_more(cast):
    circular = sent(cast)
    assert asked(cast)
    mark_read(receipt(circular, cast.union), by=cast.officer)
    mark_read(receipt(circular, cast.union), by=cast.officer)
    one = receipt(circular, cast.union)
    assert (one.read_by, one.open) == (cast.officer, False)
    assert Entry.objects.filter(verb="circular.read").count() == 1
    assert not asked(cast)


def test_what_is_to_be_confirmed_asks_until_it_is(cast):
    circular = sent(cast, confirm=True)
    mark_read(receipt(circular, cast.union), by=cast.officer)
    assert receipt(circular, cast.union).open
    assert asked(cast)
    confirm(circular, by=cast.officer)
    assert not receipt(circular, cast.union).open
    assert not asked(cast)
    with pytest.raises(Refused, match="示例经办人已经签收"):
        confirm(circular, by=cast.officer)
    assert Entry.objects.filter(verb="circular.confirmed").count() == 1


def test_who_confirms_at_once_has_read_it(cast):
    confirm(sent(cast, confirm=True), by=cast.officer)
    assert Receipt.objects.get(union=cast.union).read_by == cast.officer


def test_a_superiors_look_is_no_look_of_the_union(cast):
    circular = sent(cast)
    mark_read(receipt(circular, cast.union), by=cast.reviewer)
    assert receipt(circular, cast.union).read_at is None


def test_who_only_looks_does_not_confirm(cast):
    with pytest.raises(Refused, match="只有经办人、管理员和审核人可以签收"):
        confirm(sent(cast, confirm=True), by=cast.viewer)


def test_what_wants_no_confirmation_gets_none(cast):
    with pytest.raises(Refused, match="不需要签收"):
        confirm(sent(cast), by=cast.officer)
