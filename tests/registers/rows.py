"""The addresses of the registers (tests/addresses.py): the city's platform administrators'; 「未建会名单」 all superiors'."""

from tests.rows import act, form, page
from tests.world import SUPERIORS, Row

ROWS: list[Row] = [
    *form("registers:employers", "", {200: {"platform_admin"}}, {422: {"platform_admin"}}),
    *form("registers:members", "", {200: {"platform_admin"}}, {422: {"platform_admin"}}),
    *page("registers:template", "register", {200: {"platform_admin"}}),
    *act("registers:search", "register", {200: {"platform_admin"}}, data={"q": "示例"}, changes={"platform_admin"}),
    *act(
        "registers:start",
        "register",
        {200: {"platform_admin"}},
        data={"name": "库.csv", "size": "9"},
        changes={"platform_admin"},
    ),
    *page("registers:load", "load", {200: {"platform_admin"}}),
    *act("registers:piece", "load_sent", {422: {"platform_admin"}}),
    *act("registers:check", "load_sent", {302: {"platform_admin"}}),
    *act("registers:confirm", "load", {302: {"platform_admin"}}),
    *act("registers:discard", "load", {302: {"platform_admin"}}),
    *page("registers:report", "load", {200: {"platform_admin"}}, changes={"platform_admin"}),
    Row("registers:unorganised", "get", {200: SUPERIORS}, given="unorganised"),
    Row("registers:unorganised", "post", {422: SUPERIORS}, given="unorganised", data={"do": "contacted"}),
    *act("registers:unorganised_export", "", {200: SUPERIORS}, given="unorganised", changes=SUPERIORS),
]
