"""「图片和资料」 and where they show: who sees a picture, forms with what is wrong, lists and offers with and without."""

import pytest
from django.core.files.base import ContentFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from gonghui.bookings.models import Picture
from gonghui.bookings.programmes.actions import cancel_programme
from tests.bookings.offers import drafted, published, venue_of
from tests.bookings.shown import documented, picture_file, pictured

pytestmark = pytest.mark.django_db


def at(name: str, pk) -> str:
    return reverse(f"bookings:{name}", args=[pk])


def file_of(picture, width: int = 0, kind: str = "webp") -> str:
    return f"/bookings/pictures/{picture.key}/{width or picture.width}.{kind}"


@pytest.fixture
def admin(client, cast):
    client.force_login(cast.district_admin)
    return client


def test_pictures_are_added_described_moved_and_removed(admin, cast):
    programme = drafted(cast)
    venue = venue_of(cast, programme)
    assert "还没有图片" in admin.get(at("pictures", programme.pk)).text
    for alt, where in (("竹海", ""), ("山路", ""), ("水库", venue.pk)):
        sent = {"file": picture_file(), "alt": alt, "venue": where}
        page = admin.post(at("picture_add", programme.pk), sent, follow=True).text
        assert f"已添加图片“{alt}”" in page
    for words in ("3 / 12", "封面", "设为封面", "整个项目", "莫干山镇线", 'alt="竹海"'):
        assert words in page
    first, second = Picture.objects.filter(venue=None).order_by("order")
    admin.post(at("picture_move", second.pk), {"to": "cover"})
    first.refresh_from_db()
    assert first.order == 2
    assert admin.post(at("picture_move", second.pk), {"to": "nowhere"}).status_code == 302
    assert "已保存" in admin.post(at("picture_edit", first.pk), {"alt": "雨后竹海", "venue": ""}, follow=True).text
    question = admin.get(at("picture_remove", second.pk)).text
    for words in ("删除后不能恢复", "这是封面"):
        assert words in question
    assert "已删除图片“山路”" in admin.post(at("picture_remove", second.pk), follow=True).text
    assert admin.post(at("picture_remove", second.pk)).status_code == 404
    first.refresh_from_db()
    assert (first.alt, first.is_cover) == ("雨后竹海", True)


@pytest.mark.parametrize(
    ("sent", "field", "words"),
    [
        ({"alt": "竹海"}, "file", "请先选择图片"),
        ({"file": picture_file(), "alt": ""}, "alt", "请填写这一项"),
        ({"file": ContentFile(b"<svg/>", "a.svg"), "alt": "竹海"}, None, "SVG 文件中可能带有程序"),
        ({"file": picture_file(), "alt": "竹海", "venue": "999"}, "venue", "已经移除"),
    ],
)
def test_what_is_wrong_is_said_and_the_words_stay_typed(admin, cast, sent, field, words):
    page = admin.post(at("picture_add", drafted(cast).pk), sent)
    assert page.status_code == 422
    form = page.context["form"]
    assert words in "".join(form.errors[field or "__all__"])
    assert form["alt"].value() == sent["alt"]
    assert not Picture.objects.exists()


def test_a_file_that_is_too_large_is_said_in_a_sentence(admin, cast):
    sent = {"alt": "竹海", "file": ContentFile(b"\xff\xd8\xff" + bytes(11 * 1024 * 1024), "a.jpg")}
    page = admin.post(at("picture_add", drafted(cast).pk), sent)
    assert page.status_code == 422
    assert "图片超过上限 10 MB" in page.text


def test_a_full_programme_offers_no_more(admin, cast, monkeypatch):
    monkeypatch.setattr("gonghui.bookings.pictures.views.MAX_PICTURES", 1)
    programme = drafted(cast)
    pictured(programme, by=cast.district_admin)
    assert at("picture_add", programme.pk) not in admin.get(at("pictures", programme.pk)).text


def test_of_a_cancelled_programme_the_page_shows_and_changes_nothing(admin, cast):
    programme = published(cast)
    picture = pictured(programme, by=cast.district_admin)
    cancel_programme(programme, reason="天气原因", by=cast.district_admin)
    page = admin.get(at("pictures", programme.pk)).text
    assert file_of(picture, kind="jpg") in page
    for name, pk in (("picture_add", programme.pk), ("picture_edit", picture.pk), ("document_add", programme.pk)):
        assert at(name, pk) not in page


def test_whoever_sees_the_offer_sees_its_pictures_and_browsers_keep_them(client, cast):
    picture = pictured(published(cast), by=cast.district_admin)
    for who, status in (
        ("officer", 200), ("neighbour_officer", 200), ("reviewer", 200), ("platform_admin", 200),
        ("far_officer", 404), ("bureau_admin", 404), ("claimant", 404),
    ):  # fmt: skip
        client.force_login(getattr(cast, who))
        answer = client.get(file_of(picture))
        assert answer.status_code == status, who
        if status == 200:
            assert answer["Content-Type"] == "image/webp"
            assert answer["Cache-Control"] == "private, max-age=86400, immutable"
            assert answer["X-Content-Type-Options"] == "nosniff"
            assert client.get(file_of(picture, 481)).status_code == 404
    client.logout()
    assert client.get(file_of(picture)).status_code == 302


def test_of_a_draft_only_its_publisher_sees_them(client, cast):
    picture = pictured(drafted(cast), by=cast.district_admin)
    for who, status in (("district_admin", 200), ("officer", 404), ("platform_admin", 404), ("reviewer", 404)):
        client.force_login(getattr(cast, who))
        assert client.get(file_of(picture)).status_code == status, who


def test_an_offer_shows_its_cover_its_gallery_and_its_documents(client, cast):
    programme = published(cast)
    of_venue = pictured(programme, "水库", venue=programme.venues.get(), by=cast.district_admin)
    cover = pictured(programme, "竹海", by=cast.district_admin)
    other = pictured(programme, "山路", by=cast.district_admin)
    documented(programme, pages=3, by=cast.district_admin)
    client.force_login(cast.officer)
    listed = client.get(reverse("bookings:offers")).text
    assert str(of_venue.key) in listed  # the first of all is the cover
    page = client.get(at("offer", programme.pk))
    assert [str(one) for one in page.context["gallery"]] == ["水库", "竹海", "山路"]
    for one in (cover, other, of_venue):
        assert f'alt="{one}"' in page.text
        assert f'href="{file_of(one, kind="jpg")}"' in page.text
    for words in ("行程单", "PDF，3 页", "字节", "下载"):
        assert words in page.text
    client.force_login(cast.reviewer)
    assert 'alt="竹海"' in client.get(at("programme", programme.pk)).text


def test_an_offer_without_pictures_has_no_empty_place(client, cast):
    programme = published(cast)
    client.force_login(cast.officer)
    page = client.get(at("offer", programme.pk)).text
    for words in ("<figure", "gallery", "资料</h2>"):
        assert words not in page
    assert "<picture" not in client.get(reverse("bookings:offers")).text


def test_lists_ask_no_more_for_many_covers_than_for_one(client, cast):
    pictured(published(cast), by=cast.district_admin)
    for user, name in ((cast.officer, "offers"), (cast.district_admin, "programmes")):
        client.force_login(user)
        client.get(reverse(f"bookings:{name}"))
        with CaptureQueriesContext(connection) as one:
            client.get(reverse(f"bookings:{name}"))
        for _ in range(3):
            pictured(published(cast), by=cast.district_admin)
        with CaptureQueriesContext(connection) as many:
            client.get(reverse(f"bookings:{name}"))
        assert len(many) == len(one)
        assert not [query for query in many if '"content"' in query["sql"]]


def test_a_page_asks_no_more_for_many_pictures_than_for_one(client, cast):
    programme = published(cast)
    one = pictured(programme, by=cast.district_admin)
    pictured(programme, venue=programme.venues.get(), by=cast.district_admin)
    documented(programme, by=cast.district_admin)
    pages = (
        (cast.officer, "offer", programme.pk),
        (cast.district_admin, "programme", programme.pk),
        (cast.district_admin, "pictures", programme.pk),
        (cast.district_admin, "picture_edit", one.pk),
    )
    asked: dict[str, int] = {}
    for more in (3, 0):
        for user, name, pk in pages:
            client.force_login(user)
            client.get(at(name, pk))
            with CaptureQueriesContext(connection) as queries:
                client.get(at(name, pk))
            assert asked.setdefault(name, len(queries)) == len(queries)
            assert not [query for query in queries if '"content"' in query["sql"]]
        for number in range(more):
            pictured(programme, venue=None if number else programme.venues.get(), by=cast.district_admin)
            documented(programme, f"资料{number}", pages=2 + number, by=cast.district_admin)
