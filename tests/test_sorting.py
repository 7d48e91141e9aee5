"""A list is turned by the heading of the column in whose order it is (SPEC 1.6)."""

import re

import pytest

from gonghui.audit.actions import record
from tests.factories import make_member
from tests.inspections.stories import confirmed, opened
from tests.markup import markup
from tests.transfers.stories import requested

pytestmark = pytest.mark.django_db


def stories(cast) -> dict[str, tuple[str, str, str]]:
    """For each list: who looks, its address, what tells its rows apart; two rows at least are there."""
    for name in ("甲", "乙"):
        requested(cast, make_member(cast.union, name=f"张{name}"))
    window = opened(cast)
    for union in (cast.union, cast.neighbour):
        confirmed(cast, window, union)
    for decision in ("approved", "refused"):
        record(f"review.{decision}", cast.union, by=cast.reviewer, union=cast.union)
    return {
        "transfers": ("officer", "/transfers/?tab=waiting", r"张[甲乙]"),
        "inspections": ("district_admin", "/inspections/?tab=done", r"上海(?:示例科技|邻家软件)有限公司工会"),
        "audit": ("platform_admin", "/audit/", r"审核通过|退回"),
        "members": ("officer", "/members/", r"member-\d+"),
    }


@pytest.mark.parametrize("name", ["transfers", "inspections", "audit", "members"])
def test_the_link_of_the_heading_turns_the_rows_and_says_so(cast, client, name):
    who, address, mark = stories(cast)[name]
    client.force_login(getattr(cast, who))

    def rows(page: str) -> list[str]:
        return re.findall(mark, page.split("<tbody>")[1].split("</tbody>")[0])

    first = markup(client.get(address))
    assert len(set(rows(first))) >= 2
    link = re.search(r'href="(\?[^"]*sort=turned[^"]*)"', first)
    assert link, "nothing turns the list"
    separator = "&" if "?" in address else "?"
    turned = markup(client.get(f"{address}{separator}sort=turned"))
    assert list(dict.fromkeys(rows(turned))) == list(dict.fromkeys(rows(first)))[::-1]
    assert "sort=turned" not in (re.search(r'aria-sort="\w+"><a href="([^"]*)"', turned) or ["", ""])[1]
