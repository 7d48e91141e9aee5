"""Users and their roles."""

from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower, Now
from django.utils import timezone

from gonghui.audit.models import history
from gonghui.kit.names import clean_email
from gonghui.kit.sealing import SealedRow
from gonghui.unions.levels import UnionKind
from gonghui.unions.models import Union


class Role(models.TextChoices):
    """SPEC 1.4. A grassroots union has officers; a superior union the other three; the city also platform admins."""

    OFFICER = "officer", "经办人"
    ADMIN = "admin", "管理员"
    REVIEWER = "reviewer", "审核人"
    VIEWER = "viewer", "查看人"
    PLATFORM_ADMIN = "platform_admin", "平台管理员"
    PROVIDER = "provider", "体检机构"  # of no union (SPEC 6.7)


class UserQuerySet(models.QuerySet["User"]):
    def visible_to(self, user: "User") -> "UserQuerySet":
        """Returns the own union's accounts; of unions directly below administrators and grassroots officers (SPEC 1.4)."""
        if user.union is None:
            return self.filter(pk=user.pk)
        below = Q(roles__contains=[Role.ADMIN]) | Q(union__kind=UnionKind.GRASSROOTS)
        return self.filter(Q(union=user.union) | Q(below, union__superior=user.union))

    def administrators(self) -> "UserQuerySet":
        """Returns the active accounts with the role 管理员."""
        return self.filter(is_active=True, roles__contains=[Role.ADMIN])

    def officers(self) -> "UserQuerySet":
        """Returns the active accounts with the role 经办人: they get the notices of a grassroots union."""
        return self.filter(is_active=True, roles__contains=[Role.OFFICER])


class UserManager(BaseUserManager["User"].from_queryset(UserQuerySet)):  # type: ignore[misc] # a base made by a call
    def get_by_natural_key(self, email: str) -> "User":
        return self.get(email=clean_email(email))

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        user = self.model(email=clean_email(email), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user


@history(exclude=["password", "last_login"])
class User(AbstractBaseUser):
    """An account: signs in by e-mail, belongs to one union, has roles. Without a union: its claim waits for review,
    or it is a provider's (体检机构)."""

    email = models.EmailField("电子邮箱", unique=True)
    name = models.TextField("姓名", blank=True, default="")
    union = models.ForeignKey(Union, verbose_name="工会", null=True, on_delete=models.PROTECT, related_name="users")
    roles = ArrayField(models.TextField(choices=Role.choices), verbose_name="角色", default=list)
    is_active = models.BooleanField("启用", default=True)
    joined_at = models.DateTimeField("注册时间", db_default=Now())
    password_changed_at = models.DateTimeField("密码修改时间", null=True)

    objects = UserManager()
    USERNAME_FIELD = EMAIL_FIELD = "email"

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(email=Lower("email")), name="user_email_lower"),
            models.CheckConstraint(condition=Q(roles__contained_by=list(Role.values)), name="user_roles_known"),
        ]
        indexes = [models.Index(fields=["name"], name="user_name")]

    def __str__(self) -> str:
        return self.name or self.email

    @property
    def named(self) -> str:
        """Name and e-mail."""
        return f"{self.name}（{self.email}）" if self.name else self.email

    def set_password(self, raw_password: str | None) -> None:
        """As Django's; also stores the time of the change."""
        super().set_password(raw_password)
        self.password_changed_at = timezone.now()

    def has_role(self, role: str) -> bool:
        return role in self.roles

    def refresh_rights(self) -> None:
        """Loads again the columns that the rules read: they may have changed since the page was shown."""
        self.refresh_from_db(fields=["roles", "is_active", "union"])

    @property
    def accepted_privacy(self) -> str:
        """The last accepted version of the 「个人信息处理说明」; empty for none."""
        acceptance: PrivacyAcceptance | None = getattr(self, "privacy_acceptance", None)
        return acceptance.version if acceptance else ""

    @property
    def is_provider(self) -> bool:
        return self.has_role(Role.PROVIDER) and self.union_id is None

    @property
    def is_platform_admin(self) -> bool:
        return self.has_role(Role.PLATFORM_ADMIN) and self.union is not None and self.union.kind == UnionKind.CITY


class RateLimit(models.Model):
    """The number of tries of one key since its window began; only limits.py writes it."""

    key = models.TextField(primary_key=True)  # the limit's name and a keyed hash
    owner = models.BinaryField(null=True)  # keyed hash of the e-mail whose reset ends it
    count = models.PositiveIntegerField()
    ends_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["ends_at"], name="rate_limit_end"),
            models.Index(fields=["owner"], condition=Q(owner__isnull=False), name="rate_limit_owner"),
        ]


class KeptForm(SealedRow):
    """The fields of an account's last form that was not processed; only kept.py writes it."""

    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="+")
    page = models.TextField()  # the path of the page with the form
    fields_sealed = models.BinaryField()
    kept_at = models.DateTimeField(db_index=True)


@history()
class PrivacyAcceptance(models.Model):
    """The version of 「个人信息处理说明」 that a user has accepted, and when (PIPL 14, 17); its history keeps earlier ones."""

    user = models.OneToOneField(User, on_delete=models.PROTECT, related_name="privacy_acceptance")
    version = models.TextField("版本")
    at = models.DateTimeField("同意时间", default=timezone.now)

    def __str__(self) -> str:
        return f"{self.user_id}: {self.version}"


class Density(models.TextChoices):
    COMPACT = "compact", "紧凑"
    ROOMY = "roomy", "宽松"


class ListSetting(models.Model):
    """A user's settings of one list: the height of its rows, the hidden columns, the number of rows of a page."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+", db_index=False)
    path = models.TextField()  # the list's address
    density = models.TextField(choices=Density.choices, default=Density.COMPACT)
    hidden = ArrayField(models.PositiveSmallIntegerField(), default=list)  # positions of columns, from 1
    size = models.PositiveSmallIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "path"], name="list_setting_once"),
            models.CheckConstraint(condition=Q(density__in=Density.values), name="list_setting_density_known"),
        ]


class SavedView(models.Model):
    """A named search of one list: the query of its address, which holds no name of a member."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="saved_views", db_index=False)
    path = models.TextField()
    name = models.TextField("名称")
    query = models.TextField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "path", "name"], name="saved_view_name_once")]

    def __str__(self) -> str:
        return self.name

    @property
    def address(self) -> str:
        return f"{self.path}?{self.query}"
