"""The addresses of the figures."""

from tests.rows import act, page
from tests.world import ABOVE, SUPERIORS, Row

ROWS: list[Row] = [
    *page("statistics:own", "", {200: SUPERIORS}, given="figures"),
    *page(
        "statistics:node",
        "street",
        {200: {"platform_admin", "district_admin"}, 302: {"reviewer", "viewer"}},
        given="figures",
    ),
    *page("statistics:cell", "street", {200: ABOVE}, given="figures", changes=ABOVE),
    *act("statistics:export", "street", {200: ABOVE}, given="figures", changes=ABOVE),
]
