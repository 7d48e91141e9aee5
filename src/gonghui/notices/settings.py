"""Which notices a user wants by mail, and the daily mail (SPEC 7.1)."""

from collections.abc import Collection, Iterable

from django.db import transaction
from django.urls import Resolver404, resolve

from gonghui.accounts.models import User
from gonghui.notices.models import MailChoice, Notice, NoticeSetting

SUBJECTS = {
    "reviews": "审核",
    "filings": "组织管理",
    "members": "会员管理和导入",
    "transfers": "会员转移",
    "cards": "会员服务卡",
    "inspections": "年检",
    "circulars": "工作通知",
    "accounts": "账号",
    "other": "其他",
}
_OTHER_NAMES = {"imports": "members", "unions": "filings"}

MAX_LISTED = 50
"""Maximum number of lines of a daily mail; it shows the number of further ones."""

USERS_AT_ONCE = 500


def subject_of(url: str) -> str:
    """Returns the subject of a notice, by the app of the page to which it leads."""
    try:
        app = resolve(url.partition("?")[0]).app_name
    except Resolver404:
        return "other"
    app = _OTHER_NAMES.get(app, app)
    return app if app in SUBJECTS else "other"


def ways(users: Collection[User], url: str) -> dict[int, str]:
    """Returns by user how a notice with this address is mailed (`MailChoice`); one statement."""
    subject = subject_of(url)
    settings = NoticeSetting.objects.filter(user__in=users)
    chosen = {setting.user_id: MailChoice.NONE if subject in setting.silent else setting.mail for setting in settings}
    return {user.pk: chosen.get(user.pk, MailChoice.EACH) for user in users}


def setting_of(user: User) -> NoticeSetting:
    return NoticeSetting.objects.filter(user=user).first() or NoticeSetting(user=user)


def save_setting(user: User, *, mail: str, silent: Iterable[str]) -> None:
    """Stores the setting. Notices that wait for a daily mail are not mailed if the user no longer wants one."""
    values = {"mail": mail, "silent": [subject for subject in SUBJECTS if subject in set(silent)]}
    with transaction.atomic():
        NoticeSetting.objects.update_or_create(user=user, defaults=values)
        if mail != MailChoice.DAILY:
            Notice.objects.filter(user=user, digest=True).update(digest=False)


def send_digests() -> int:
    """Sends the daily mails; returns their number. Each batch of users is a transaction, so no mail is sent twice."""
    from gonghui.notices.actions import send_digest

    sent = 0
    while ids := list(Notice.objects.filter(digest=True).values_list("user", flat=True).distinct()[:USERS_AT_ONCE]):
        with transaction.atomic():
            waiting = Notice.objects.select_for_update().filter(user__in=ids, digest=True).order_by("user", "-pk")
            by_user: dict[int, list[Notice]] = {}
            for notice in waiting:
                by_user.setdefault(notice.user_id, []).append(notice)
            users = User.objects.filter(pk__in=by_user, is_active=True).order_by("pk")
            sent += sum(send_digest(user, by_user[user.pk], most=MAX_LISTED) for user in users)
            waiting.update(digest=False)
    return sent
