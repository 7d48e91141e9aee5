"""What passwords must be. The profile ``mlps3`` asks more than length: GB/T 22239-2019, level 3, 8.1.4.1."""

import re
from datetime import timedelta

from django.conf import settings
from django.contrib.auth.password_validation import MinimumLengthValidator, UserAttributeSimilarityValidator
from django.core.exceptions import ValidationError
from django.utils import timezone
from zxcvbn import zxcvbn

from gonghui.accounts.models import User

_KINDS = (str.isupper, str.islower, str.isdigit, lambda character: not character.isalnum())
_WANTED = 3
_GUESSES = 10**9
"""Out of reach of guesses at the sign-in, whose number is limited, for centuries."""
_OURS = ("gonghui", "zonggonghui", "shanghai", "gonghuiwang")


class LengthValidator(MinimumLengthValidator):
    """Django's, in our words: its refusal has no Chinese translation in 5.2, and its rule is not polite."""

    def get_error_message(self) -> str:
        return f"密码太短，至少要有 {self.min_length} 个字符。"

    def get_help_text(self) -> str:
        return f"密码至少要有 {self.min_length} 个字符。"


class SimilarityValidator(UserAttributeSimilarityValidator):
    """Django's, in our words and of what our accounts have."""

    def __init__(self) -> None:
        super().__init__(user_attributes=("email", "name"))

    def get_error_message(self) -> str:
        return "密码与您的%(verbose_name)s太相似，请换一个。"

    def get_help_text(self) -> str:
        return "密码不能与您的邮箱或姓名相似。"


class GuessableValidator:
    """Refuses what a guesser tries early: common words, names and dates, rows of the keyboard, repetition (ASVS 5, 6.2.4).

    Length alone does not help: 123456789012 has twelve characters. zxcvbn estimates the guesses.
    """

    LOOKED_AT = 72
    """The estimate's time grows faster than the length; what follows makes a password no weaker."""

    def validate(self, password: str, user: User | None = None) -> None:
        """Raises ValidationError with what is wanted."""
        email = user.email if user else ""
        known = [*re.split(r"[\W_]+", email), *_OURS, *filter(None, [user and user.name])]
        if zxcvbn(password[: self.LOOKED_AT], user_inputs=known, max_length=self.LOOKED_AT)["guesses"] < _GUESSES:
            raise ValidationError(
                "密码太容易被猜到：不要用连续或重复的字符、日期、常见的词和密码。可以用几个不相关的词连起来，中间加数字或符号。",
                code="password_guessable",
            )

    def get_help_text(self) -> str:
        return "密码不能是容易猜到的，例如连续的数字、重复的字符、常见的词。"


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
