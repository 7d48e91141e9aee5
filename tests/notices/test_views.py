"""The bell (SPEC 7.1)."""

import pytest

from gonghui.notices.actions import notify
from gonghui.notices.models import Mail, Notice


def test_newest_first_unread_marked_and_counted(client, cast):
    notify([cast.officer], "先来的", mail=False)
    notify([cast.officer], "后来的", mail=False)
    client.force_login(cast.officer)
    page = client.get("/notices/").text
    assert page.index("后来的") < page.index("先来的")
    assert "通知，2 条未读" in page


def test_opening_marks_it_read_and_leads_on(client, cast):
    notify([cast.officer], "看这里", url="/help/", mail=False)
    notice = Notice.objects.get()
    client.force_login(cast.officer)
    for _ in range(2):
        assert client.post(f"/notices/{notice.pk}/open/").url == "/help/"
    notice.refresh_from_db()
    assert notice.read_at
    assert "未读" not in client.get("/notices/").text


@pytest.mark.parametrize("url", ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:x", ""])
def test_a_notice_never_leads_off_the_site(client, cast, url):
    notify([cast.officer], "看这里", url=url, mail=False)
    client.force_login(cast.officer)
    assert client.post(f"/notices/{Notice.objects.get().pk}/open/").url == "/notices/"


def test_somebody_elses_notice_does_not_exist(client, cast):
    notify([cast.reviewer], "给别人的", mail=False)
    client.force_login(cast.officer)
    assert client.post(f"/notices/{Notice.objects.get().pk}/open/").status_code == 404
    assert "给别人的" not in client.get("/notices/").text


def test_reading_is_a_post(client, cast):
    notify([cast.officer], "看这里", mail=False)
    client.force_login(cast.officer)
    assert client.get(f"/notices/{Notice.objects.get().pk}/open/").status_code == 405
    assert client.get("/notices/read-all/").status_code == 405


def test_all_are_marked_read_but_nobody_elses(client, cast):
    notify([cast.officer, cast.reviewer], "给两人", mail=False)
    client.force_login(cast.officer)
    assert "已将 1 条通知标为已读" in client.post("/notices/read-all/", follow=True).text
    assert "没有未读通知" in client.post("/notices/read-all/", follow=True).text
    assert Notice.objects.filter(read_at=None).count() == 1


def test_disabled_accounts_are_not_told(cast):
    cast.officer.is_active = False
    notify([cast.officer], "不必知道")
    assert not Notice.objects.exists()
    assert not Mail.objects.exists()


@pytest.mark.parametrize("rows", [10, 100])
def test_list_takes_the_same_number_of_queries(client, cast, rows, django_assert_max_num_queries):
    for number in range(rows):
        notify([cast.officer], f"第 {number} 条", mail=False)
        notify([cast.officer], "请审核", tasks=[f"transfer:{number}"], kind="transfer.request", mail=False)
    client.force_login(cast.officer)
    client.get("/notices/?size=100")
    with django_assert_max_num_queries(9):
        client.get("/notices/?size=100")
