"""Rows of the table of `test_scope`: the city's platform administrator changes the tree, nobody else sees how."""

from tests.rows import form, page
from tests.world import Row

CITY = {"platform_admin"}

ROWS = [
    *page("superiors:changes", "", {200: CITY}),
    *page("superiors:change", "tree_change", {200: CITY}),
    *form("superiors:add", "district", {200: CITY}, {422: CITY}),
    *form("superiors:rename", "street", {200: CITY}, {422: CITY}),
    *form("superiors:move", "street", {200: CITY}, {422: CITY}),
    *form("superiors:close", "street", {200: CITY}, {422: CITY}),
    Row("superiors:change", "get", {200: CITY}, of="moving"),
]
