"""What waits for an editor is counted on the desk and in the menu, for whom it waits alone."""

import pytest
from django.core.files.base import ContentFile

from gonghui.accounts.models import User
from gonghui.portal.menu import menu
from gonghui.portal.worklist import menu_counts, waiting
from gonghui.publishing.articles.actions import publish_article, submit_article, withdraw_article
from gonghui.publishing.downloads.actions import add_version, create_download, publish_version
from gonghui.publishing.local.actions import close_section
from gonghui.publishing.models import Article
from gonghui.publishing.rules import can_publish
from gonghui.publishing.site.queries import site
from gonghui.publishing.work import to_read
from tests.people import Cast
from tests.publishing.stories import (
    colleague,
    local_colleague,
    local_published,
    local_written,
    opened,
    submitted,
    two_persons,
    uploaded_file,
    workbook,
)

pytestmark = pytest.mark.django_db


def counted(user: User) -> dict[str, int]:
    return {line.item.label: line.count for line in waiting(user).work if line.item.menu == "publishing:list"}


def sent(cast: Cast, by: User | None = None) -> Article:
    by = by or cast.district_admin
    article = local_written(cast, by=by)
    two_persons()
    return submit_article(article, version=article.version, by=by)


def agrees(cast: Cast, *users: User) -> None:
    """The counted rows are those that the rule lets each publish."""
    for user in users:
        may = {one.pk for one in Article.objects.all() if can_publish(user, one, site()) and one.submitted_at}
        assert {one.pk for one in to_read(user)} == may, user


def test_a_text_waits_for_the_other_editors_of_its_section(cast):
    other, citys = local_colleague(cast), colleague(cast)
    article, own = sent(cast), submitted(cast)
    agrees(cast, cast.district_admin, other, cast.platform_admin, citys, cast.bureau_admin)
    assert list(to_read(other)) == [article]
    assert list(to_read(citys)) == [own]
    assert counted(other) == {"门户文章待复核": 1}
    assert counted(cast.district_admin) == counted(cast.platform_admin) == counted(cast.officer) == {}
    entry = next(one for one in menu(other, "/", menu_counts(waiting(other).work)) if one.label == "门户管理")
    assert (entry.waiting, entry.mine) == (1, True)
    publish_article(article, version=article.version, by=other)
    assert counted(other) == {}


def test_a_text_of_the_only_editor_waits_for_the_city(cast):
    article, citys = sent(cast), colleague(cast)
    agrees(cast, cast.district_admin, cast.platform_admin, citys)
    assert list(to_read(citys)) == [article]
    close_section(opened(cast), reason="停办", by=cast.platform_admin)
    assert counted(citys) == {}


def test_what_the_city_has_withdrawn_waits_for_the_city(cast):
    other, article = local_colleague(cast), local_published(cast)
    article = withdraw_article(article, reason="有误", version=article.version, by=cast.platform_admin)
    submit_article(article, version=article.version, by=cast.district_admin)
    agrees(cast, cast.district_admin, other, cast.platform_admin)
    assert counted(cast.platform_admin) == {"门户文章待复核": 1}
    assert counted(other) == {}


def test_a_file_waits_for_another_person_than_has_uploaded_it(cast):
    two_persons()
    citys = colleague(cast)
    uploaded_file(cast)
    assert counted(citys) == {"门户下载待发布": 1}
    assert counted(cast.platform_admin) == {}
    opened(cast)
    theirs = create_download("报名表", "", ContentFile(workbook("一"), "a.xlsx"), by=cast.district_admin)
    assert counted(citys) == {"门户下载待发布": 2}  # nobody else is there
    other = local_colleague(cast)
    assert (counted(citys), counted(other)) == ({"门户下载待发布": 1}, {"门户下载待发布": 1})
    newer = add_version(theirs, ContentFile(workbook("二"), "a.xlsx"), by=cast.district_admin)
    assert counted(other) == {"门户下载待发布": 1}  # the newest is what counts
    publish_version(newer, by=other)
    assert counted(other) == {}
