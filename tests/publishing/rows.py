"""The addresses of the public pages' editors, for tests/addresses.py: of the city, and of a district with a section."""

from tests.rows import act, form, page
from tests.world import Row

CHIEF = {"platform_admin"}
EDITORS = CHIEF | {"district_admin"}
OPEN = "local_section"
TEXT = {"title": "改", "body": "改", "format": "text", "version": "3"}

TABLE: list[Row] = [
    *page("publishing:list", "", {200: EDITORS}, given=OPEN),
    Row("publishing:new", "get", {200: EDITORS}, given=OPEN),
    Row("publishing:new", "post", {422: EDITORS}, given=OPEN, data={"sent": "yes"}),
    # In a section of the city
    Row("publishing:article", "get", {200: CHIEF}, "article"),
    Row("publishing:article", "post", {422: CHIEF}, "article", data={"act": "withdraw"}),
    Row("publishing:edit", "get", {200: CHIEF}, "article"),
    Row("publishing:edit", "post", {302: CHIEF}, "article", data=TEXT, changes=CHIEF),
    *act("publishing:presence", "article", {200: CHIEF}),
    Row("publishing:revision", "get", {200: CHIEF}, "revision"),
    Row("publishing:revision", "post", {422: CHIEF}, "revision"),
    *form("publishing:download", "published_file", {200: CHIEF}, {422: CHIEF}),
    *act("publishing:withdraw_download", "published_file", {302: CHIEF}, data={"withdrawn": "1"}),
    *act("publishing:publish_version", "file_version", {409: CHIEF}),
    # In the section of `cast.district`: the city looks and withdraws
    Row("publishing:article", "get", {200: EDITORS}, "local_article"),
    Row("publishing:article", "post", {422: EDITORS}, "local_article", data={"act": "withdraw"}),
    Row("publishing:edit", "get", {200: {"district_admin"}}, "local_article"),
    Row(
        "publishing:edit", "post", {302: {"district_admin"}}, "local_article",
        data=TEXT, changes={"district_admin"},
    ),
    *act("publishing:presence", "local_article", {200: {"district_admin"}}),
    Row("publishing:revision", "get", {200: EDITORS}, "local_revision"),
    Row("publishing:revision", "post", {422: EDITORS}, "local_revision"),
    *form("publishing:download", "local_file", {200: EDITORS}, {422: {"district_admin"}}),
    *act("publishing:withdraw_download", "local_file", {302: EDITORS}, data={"withdrawn": "1"}),
    *act("publishing:publish_version", "local_version", {409: EDITORS}),
    *act("publishing:add_picture", "", {422: EDITORS}, given=OPEN),
    *page("publishing:downloads", "", {200: EDITORS}, given=OPEN),
    Row("publishing:new_download", "get", {200: EDITORS}, given=OPEN),
    Row("publishing:new_download", "post", {422: EDITORS}, given=OPEN, data={"sent": "yes"}),
    *page("publishing:local_sections", "", {200: CHIEF}, given=OPEN),
    *form("publishing:open_local", "unopened", {200: CHIEF}, {422: CHIEF}),
    *form("publishing:close_local", "local_union", {200: CHIEF}, {422: CHIEF}),
    *form("publishing:settings", "", {200: CHIEF}, {422: CHIEF}),
]  # fmt: skip
