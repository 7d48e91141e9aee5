"""Pictures of programmes: encoded by the child, in an order, with words; who may, how many, and what is refused."""

from functools import partial

import pytest
from django.core.files.base import ContentFile
from django.db import IntegrityError, transaction

from gonghui.audit.models import Entry
from gonghui.bookings.models import Announcement, Picture, Venue
from gonghui.bookings.pictures import actions
from gonghui.bookings.pictures.actions import Move, add_picture, describe_picture, move_picture, remove_picture
from gonghui.bookings.programmes.actions import cancel_programme, remove_venue
from gonghui.kit.errors import Refused
from tests.at_once import DONE, at_once
from tests.bookings.offers import drafted, published, venue_of
from tests.bookings.shown import picture_file, pictured
from tests.people import make_cast
from tests.publishing.pictures.test_actions import animated
from tests.publishing.stories import drawn
from tests.scans import png_head

pytestmark = pytest.mark.django_db


def order(programme) -> list[str]:
    return [str(one) for one in Picture.objects.filter(programme=programme).order_by("order")]


def numbers(programme) -> list[int]:
    return sorted(Picture.objects.filter(programme=programme).values_list("order", flat=True))


@pytest.fixture
def programme(cast):
    return drafted(cast)


@pytest.fixture
def add(programme, cast):
    return partial(pictured, programme, by=cast.district_admin)


def test_a_picture_is_kept_in_its_sizes_behind_the_others_and_recorded(programme, cast):
    first = add_picture(programme, ContentFile(drawn(2000, 1000), "a.jpg"), alt=" 晨雾 竹海 ", by=cast.district_admin)
    second = pictured(programme, "山路", venue=venue_of(cast, programme), by=cast.district_admin)
    assert (first.alt, first.width, first.is_cover, second.is_cover) == ("晨雾 竹海", 1600, True, False)
    assert {(one.type, one.width) for one in first.renditions.all()} == {
        (kind, width) for kind in ("webp", "jpg") for width in (480, 960, 1600)
    }
    assert order(programme) == ["晨雾 竹海", "山路"]
    entries = Entry.objects.filter(verb="programme.pictured").order_by("pk")
    assert [entry.data for entry in entries] == [
        {"picture": "晨雾 竹海", "venue": "整个项目"},
        {"picture": "山路", "venue": "莫干山镇线"},
    ]


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "这个文件是空的"),
        (png_head(20_000, 20_000), "图片有 20000×20000 像素，超过上限 4,000 万像素"),
        (animated("WEBP"), r"动图（\d+ 帧）"),
        (b"GIF89a/*\x00\x01\x00\x00\x00\x00\x3b*/=1;alert(1)", "不能上传 GIF"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", "SVG"),
        (b"%PDF-1.7 ", "不是 JPEG、PNG 或 WebP"),
        (b"\xff\xd8\xff" + b"0" * (10 * 1024 * 1024), "超过上限 10 MB"),
    ],
    ids=["empty", "400 megapixels", "animated", "GIF that is JavaScript", "SVG", "PDF", "large"],
)
def test_what_is_no_good_picture_is_refused(programme, cast, data, sentence):
    with pytest.raises(Refused, match=sentence):
        add_picture(programme, ContentFile(data, "a.jpg"), alt="图", by=cast.district_admin)
    assert not Picture.objects.exists()


@pytest.mark.parametrize(("alt", "sentence"), [("  ", "请填写图片说明"), ("长" * 101, "图片说明有 101 个字")])
def test_a_picture_has_words_for_who_cannot_see_it(add, programme, cast, alt, sentence):
    with pytest.raises(Refused, match=sentence):
        add(alt)
    picture = add()
    with pytest.raises(Refused, match=sentence):
        describe_picture(picture, alt=alt, by=cast.district_admin)
    with pytest.raises(IntegrityError, match="programme_picture_has_alt"), transaction.atomic():
        Picture.objects.filter(pk=picture.pk).update(alt=" ")


@pytest.mark.parametrize("who", ["officer", "reviewer", "viewer", "bureau_admin", "platform_admin"])
def test_only_who_publishes_the_programme_changes_its_pictures(add, cast, who):
    picture, other = add(), add("山路")
    by = getattr(cast, who)
    for act in (
        partial(pictured, picture.programme),
        partial(describe_picture, picture, alt="改"),
        partial(move_picture, other, Move.COVER),
        partial(remove_picture, picture),
    ):
        with pytest.raises(Refused, match="只有发布这个项目的工会的管理员"):
            act(by=by)
    assert order(picture.programme) == ["晨雾中的竹海", "山路"]


def test_twelve_are_enough_and_the_database_holds_no_more(add, programme, monkeypatch, cast):
    monkeypatch.setattr(actions, "MAX_PICTURES", 2)
    add(), add()
    with pytest.raises(Refused, match="最多 2 张图片"):
        add()
    for number in (0, 13):
        with pytest.raises(IntegrityError, match="programme_picture_order_in_range"), transaction.atomic():
            Picture.objects.filter(programme=programme, order=2).update(order=number)
    monkeypatch.undo()
    monkeypatch.setattr(actions, "ADDED_A_DAY", 2)
    with pytest.raises(Refused, match="今天已上传 2 张图片"):
        pictured(drafted(cast), by=cast.district_admin)


def test_the_same_file_is_taken_once(programme, cast):
    file = drawn(500, 300)
    add_picture(programme, ContentFile(file, "a.jpg"), alt="竹海", by=cast.district_admin)
    with pytest.raises(Refused, match="已经在这个项目中，说明是“竹海”"):
        add_picture(programme, ContentFile(file, "b.jpg"), alt="又一张", by=cast.district_admin)
    add_picture(drafted(cast), ContentFile(file, "a.jpg"), alt="另一个项目", by=cast.district_admin)


def test_pictures_change_places_among_those_beside_which_they_are_shown(add, programme, cast):
    venue = venue_of(cast, programme)
    one, _of_venue, two, three = add("一"), add("线路", venue=venue), add("二"), add("三")
    for picture, to, expected in (
        (three, Move.EARLIER, ["一", "线路", "三", "二"]),
        (one, Move.LATER, ["三", "线路", "一", "二"]),
        (three, Move.EARLIER, ["三", "线路", "一", "二"]),  # it is the first already
        (two, Move.COVER, ["二", "三", "线路", "一"]),
        (_of_venue, Move.LATER, ["二", "三", "线路", "一"]),  # the only one of its venue
    ):
        move_picture(picture, to, by=cast.district_admin)
        assert order(programme) == expected
    assert numbers(programme) == [1, 2, 3, 4]
    assert Entry.objects.filter(verb="programme.arranged").count() == 3


def test_a_removed_picture_leaves_no_gap_and_the_next_one_is_the_cover(add, programme, cast):
    one, two, _ = add("一"), add("二"), add("三")
    remove_picture(one, by=cast.district_admin)
    assert (order(programme), numbers(programme)) == (["二", "三"], [1, 2])
    two.refresh_from_db()
    assert two.is_cover
    for again in (
        partial(remove_picture, one),
        partial(move_picture, one, Move.COVER),
        partial(describe_picture, one, alt="改"),
    ):
        with pytest.raises(Refused, match="刚刚已经删除"):
            again(by=cast.district_admin)
    assert Entry.objects.get(verb="programme.unpictured").data == {"picture": "一", "venue": "整个项目"}
    add("四")
    assert numbers(programme) == [1, 2, 3]


def test_new_words_are_recorded_with_the_old_ones_and_the_same_not_at_all(add, programme, cast):
    picture, venue = add("竹海"), venue_of(cast, programme)
    for _ in range(2):
        describe_picture(picture, alt="雨后的竹海", venue=venue, by=cast.district_admin)
    assert Entry.objects.get(verb="programme.captioned").data == {
        "old": "竹海",
        "new": "雨后的竹海",
        "venue": venue.name,
    }


def test_a_picture_is_of_a_venue_of_its_own_programme(add, cast):
    other = venue_of(cast, drafted(cast))
    with pytest.raises(Refused, match="请选择这个项目的线路或地点"):
        add(venue=other)
    picture = add()
    with pytest.raises(Refused, match="请选择这个项目的线路或地点"):
        describe_picture(picture, alt="竹海", venue=other, by=cast.district_admin)


def test_a_venue_with_pictures_stays(add, programme, cast):
    venue = venue_of(cast, programme)
    picture = add(venue=venue)
    with pytest.raises(Refused, match="还有 1 张图片"):
        remove_venue(venue, by=cast.district_admin)
    remove_picture(picture, by=cast.district_admin)
    remove_venue(venue, by=cast.district_admin)
    assert not Venue.objects.exists()


def test_a_change_after_publishing_is_recorded_and_tells_nobody(cast):
    programme = published(cast)
    picture = pictured(programme, by=cast.district_admin)
    pictured(programme, "山路", by=cast.district_admin)
    describe_picture(picture, alt="竹海", by=cast.district_admin)
    move_picture(picture, Move.LATER, by=cast.district_admin)
    remove_picture(picture, by=cast.district_admin)
    assert not Announcement.objects.exists()
    verbs = Entry.objects.filter(verb__in=["programme.captioned", "programme.arranged", "programme.unpictured"])
    assert verbs.count() == 3


def test_of_a_cancelled_programme_nothing_changes(cast):
    programme = published(cast)
    picture = pictured(programme, by=cast.district_admin)
    cancel_programme(programme, reason="天气原因", by=cast.district_admin)
    with pytest.raises(Refused, match="取消，不能再操作"):
        pictured(programme, by=cast.district_admin)
    with pytest.raises(Refused, match="取消，不能再操作"):
        remove_picture(picture, by=cast.district_admin)
    assert Picture.objects.count() == 1


@pytest.mark.server
@pytest.mark.django_db(transaction=True)
def test_a_double_click_adds_one_picture_and_two_windows_never_too_many(monkeypatch):
    cast = make_cast()
    programme = drafted(cast)
    file = drawn(500, 300)
    acts = [
        partial(add_picture, programme, ContentFile(file, "a"), alt="竹海", by=cast.district_admin) for _ in range(2)
    ]
    outcomes = sorted(at_once(*acts))
    assert outcomes[0] == DONE
    assert "已经在这个项目中" in outcomes[1]
    monkeypatch.setattr(actions, "MAX_PICTURES", 2)
    outcomes = at_once(
        *[partial(add_picture, programme, picture_file(), alt="山路", by=cast.district_admin)] * 1,
        *[partial(add_picture, programme, picture_file(), alt="水库", by=cast.district_admin)],
    )
    assert outcomes.count(DONE) == 1
    assert numbers(programme) == [1, 2]
