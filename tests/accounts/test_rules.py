"""Rules check the account's current row."""

import pytest

from gonghui.accounts.models import User
from gonghui.accounts.rules import require
from gonghui.kit.errors import Refused
from gonghui.members.rules import can_add_members
from tests.test_architecture import SOURCES, sources


@pytest.mark.parametrize("lost", [{"roles": []}, {"is_active": False}, {"union": None}])
def test_a_rule_is_asked_of_the_account_as_it_is_now(cast, lost):
    require(can_add_members, cast.officer, cast.union, sentence="不行。")
    User.objects.filter(pk=cast.officer.pk).update(**lost)
    with pytest.raises(Refused, match="不行"):
        require(can_add_members, cast.officer, cast.union, sentence="不行。")


def test_an_account_is_read_again_in_one_place():
    reading = {
        str(path.relative_to(SOURCES))
        for path in sources("src")
        if 'refresh_from_db(fields=["roles"' in path.read_text()
    }
    assert reading == {"accounts/models.py"}
