"""What passwords must be. The profile ``mlps3`` asks more than length: GB/T 22239-2019, level 3, 8.1.4.1."""

from datetime import timedelta

from django.conf import settings
from django.contrib.auth.password_validation import MinimumLengthValidator
from django.core.exceptions import ValidationError
from django.utils import timezone

from gonghui.accounts.models import User

_KINDS = (str.isupper, str.islower, str.isdigit, lambda character: not character.isalnum())
_WANTED = 3


class LengthValidator(MinimumLengthValidator):
    """Django's, whose refusal has no Chinese translation in 5.2."""

    def get_error_message(self) -> str:
        return f"密码太短，至少要有 {self.min_length} 个字符。"


class CompositionValidator:
    """At least three of: capital letter, small letter, digit, sign."""

    def validate(self, password: str, user: User | None = None) -> None:
        """Raises ValidationError with what is wanted."""
        if sum(any(map(kind, password)) for kind in _KINDS) < _WANTED:
            raise ValidationError(self.get_help_text(), code="password_composition")

    def get_help_text(self) -> str:
        return "密码要有大写字母、小写字母、数字、符号中的至少三种。"


def is_outdated(user: User) -> bool:
    """Whether the password is older than PASSWORD_MAX_AGE_DAYS allows (None: passwords do not age)."""
    if settings.PASSWORD_MAX_AGE_DAYS is None:
        return False
    limit = timezone.now() - timedelta(days=settings.PASSWORD_MAX_AGE_DAYS)
    return user.password_changed_at is None or user.password_changed_at < limit
