"""The bell and the e-mail outbox."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q, Value
from django.db.models.functions import Now

from gonghui.accounts.models import User
from gonghui.kit.sealing import SealedRow, opened
from gonghui.kit.states import Transitions, state_triggers

_OPEN_KIND = Q(read_at=None) & ~Q(kind="")


class NoticeQuerySet(models.QuerySet):
    def visible_to(self, user: User) -> "NoticeQuerySet":
        return self.filter(user=user)

    def open_of(self, kind: str) -> "NoticeQuerySet":
        """Returns unread notices of one kind of task."""
        return self.filter(_OPEN_KIND, kind=kind)


class Notice(models.Model):
    """A notice to one user (SPEC 7.1)."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="notices")
    title = models.TextField("标题")
    body = models.TextField("内容", blank=True, default="")
    url = models.TextField(blank=True, default="")
    # its open tasks (``actions.settle``)
    tasks = ArrayField(models.TextField(), db_default=Value([], ArrayField(models.TextField())))
    # Of its tasks: the code of a hooks.TaskKind; "" for none.
    kind = models.TextField(blank=True, default="", db_default="")
    created_at = models.DateTimeField("时间", db_default=Now())
    read_at = models.DateTimeField(null=True)
    digest = models.BooleanField(default=False, db_default=False)  # whether it waits for the daily mail

    objects = NoticeQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["user", "-id"], name="notice_user"),
            models.Index(fields=["user"], condition=Q(read_at=None), name="notice_unread"),
            GinIndex(fields=["tasks"], condition=Q(read_at=None), name="notice_tasks"),
            models.Index(fields=["user", "kind", "-id"], condition=_OPEN_KIND, name="notice_open_kind"),
            models.Index(fields=["user"], condition=Q(digest=True), name="notice_for_digest"),
        ]

    def __str__(self) -> str:
        return self.title


class MailChoice(models.TextChoices):
    EACH = "each", "每条通知发一封邮件"
    DAILY = "daily", "每天早上 8 点汇总成一封邮件"
    NONE = "none", "不发邮件，只在平台中提醒"


class NoticeSetting(models.Model):
    """How a user is notified besides the bell: by mail at once, once a day, or never; and the subjects without mail."""

    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="+", primary_key=True)
    mail = models.TextField("邮件", choices=MailChoice.choices, default=MailChoice.EACH)
    silent = ArrayField(models.TextField(), default=list)  # the settings.SUBJECTS without mail

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(mail__in=MailChoice.values), name="notice_setting_known")]


class MailState(models.TextChoices):
    WAITING = "waiting", "待发送"
    SENT = "sent", "已发送"
    FAILED = "failed", "发送失败"


TRANSITIONS = Transitions(
    initial=[MailState.WAITING],
    following={
        MailState.WAITING: [MailState.SENT, MailState.FAILED],
        MailState.SENT: [],
        MailState.FAILED: [],
    },
)


class MailQuerySet(models.QuerySet):
    def waiting(self, *, urgent: bool) -> "MailQuerySet":
        return self.filter(state=MailState.WAITING, urgent=urgent)

    def due(self, *, urgent: bool) -> "MailQuerySet":
        """Returns the mail that may be sent now, the longest waiting first; postponed mail waits until ``due_at``."""
        return self.waiting(urgent=urgent).filter(due_at__lte=Now()).order_by("due_at", "pk")


class Mail(SealedRow):
    """An e-mail: written with the change that causes it, sent by a job after the commit, retried."""

    to = models.EmailField("收件人")
    subject = models.TextField("主题")
    body_sealed = models.BinaryField()  # it may contain a sign-in link
    state = models.TextField("状态", choices=MailState.choices, default=MailState.WAITING)
    urgent = models.BooleanField(db_default=False)  # a user waits for it: password, verification, invitation
    sent_by = models.ForeignKey(  # the user whose act caused it; null for the system
        User, verbose_name="发送人", null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    created_at = models.DateTimeField("时间", db_default=Now())
    due_at = models.DateTimeField(db_default=Now())  # not sent before
    tries = models.PositiveSmallIntegerField(db_default=0)  # temporary failures
    sent_at = models.DateTimeField(null=True)
    error = models.TextField(blank=True, default="")  # the server's answer, or the reason why it was not reached

    objects = MailQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["-id"], name="mail_newest"),
            models.Index(fields=["to", "-id"], name="mail_to"),
            models.Index(fields=["urgent", "due_at", "id"], condition=Q(state="waiting"), name="mail_waiting"),
        ]
        triggers = state_triggers("state", TRANSITIONS)

    @property
    def body(self) -> str:
        """The text; "" after the clean-up has removed it."""
        return opened(self, "body_sealed")
