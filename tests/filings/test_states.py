"""Every move of a union's state and of a request's is made by an act (docs/states.md)."""

import pytest

from gonghui.filings.dissolution.actions import restore_union
from gonghui.reviews.actions import decide, withdraw
from gonghui.reviews.models import Review
from gonghui.unions.models import Union
from tests.filings.stories import dissolved, submitted
from tests.states import every_move_is_made

pytestmark = pytest.mark.django_db


def test_every_move_of_a_union_and_of_a_request_is_made(cast):
    with every_move_is_made(Union, Review):
        withdraw(submitted(cast).review, by=cast.newcomer)
        decide(submitted(cast).review, decision="refused", opinion="地址不详。", by=cast.reviewer)
        decide(submitted(cast).review, decision="approved", opinion="", by=cast.reviewer)
        restore_union(dissolved(cast), reason="误操作", by=cast.platform_admin)
