"""Password rules. The profile ``mlps3`` requires more than length: GB/T 22239-2019, level 3, 8.1.4.1."""

import re
from datetime import timedelta

from django.conf import settings
from django.contrib.auth.password_validation import MinimumLengthValidator, UserAttributeSimilarityValidator
from django.core.exceptions import ValidationError
from django.utils import timezone
from zxcvbn import zxcvbn

from gonghui.accounts.models import User

_KINDS = (str.isupper, str.islower, str.isdigit, lambda character: not character.isalnum())
_MIN_KINDS = 3
_GUESSES = 10**9
"""The sign-in limits the number of guesses: this many take centuries."""
_PLATFORM_WORDS = ("gonghui", "zonggonghui", "shanghai", "gonghuiwang")


class LengthValidator(MinimumLengthValidator):
    """Django's with our texts: its error has no Chinese translation in 5.2, and its help text is not polite."""

    def get_error_message(self) -> str:
        return f"密码太短，至少要有 {self.min_length} 个字符。"

    def get_help_text(self) -> str:
        return f"密码至少要有 {self.min_length} 个字符。"


class SimilarityValidator(UserAttributeSimilarityValidator):
    """Django's with our texts and the fields of our accounts."""

    def __init__(self) -> None:
        super().__init__(user_attributes=("email", "name"))

    def get_error_message(self) -> str:
        return "密码与您的%(verbose_name)s太相似，请换一个。"

    def get_help_text(self) -> str:
        return "密码不能与您的邮箱或姓名相似。"


class GuessableValidator:
    """Refuses passwords that are guessed early: common words, names, dates, keyboard rows, repetition (ASVS 5, 6.2.4).

    Length alone does not help: 123456789012 has twelve characters. zxcvbn estimates the guesses.
    """

    LOOKED_AT = 72
    """Number of estimated characters: the time grows faster than the length, and more only make it stronger."""

    def validate(self, password: str, user: User | None = None) -> None:
        """Raises ValidationError, which says what is required."""
        email = user.email if user else ""
        own_words = [*re.split(r"[\W_]+", email), *_PLATFORM_WORDS, *filter(None, [user and user.name])]
        if zxcvbn(password[: self.LOOKED_AT], user_inputs=own_words, max_length=self.LOOKED_AT)["guesses"] < _GUESSES:
            raise ValidationError(
                "密码太容易被猜到：不要用连续或重复的字符、日期、常见的词和密码。可以用几个不相关的词连起来，中间加数字或符号。",
                code="password_guessable",
            )

    def get_help_text(self) -> str:
        return "密码不能是容易猜到的，例如连续的数字、重复的字符、常见的词。"


class CompositionValidator:
    """At least three of: upper-case letter, lower-case letter, digit, symbol."""

    def validate(self, password: str, user: User | None = None) -> None:
        """Raises ValidationError, which says what is required."""
        if sum(any(map(kind, password)) for kind in _KINDS) < _MIN_KINDS:
            raise ValidationError(self.get_help_text(), code="password_composition")

    def get_help_text(self) -> str:
        return "密码要有大写字母、小写字母、数字、符号中的至少三种。"


def is_outdated(user: User) -> bool:
    """Returns whether the password is older than PASSWORD_MAX_AGE_DAYS (None: passwords do not expire)."""
    if settings.PASSWORD_MAX_AGE_DAYS is None:
        return False
    limit = timezone.now() - timedelta(days=settings.PASSWORD_MAX_AGE_DAYS)
    return user.password_changed_at is None or user.password_changed_at < limit
