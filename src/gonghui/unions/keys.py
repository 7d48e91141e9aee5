"""By what names and codes are found and compared, in the database."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Func
from django.db.models.functions import Coalesce


class Grams(Func):
    """The SQL function of kit/names.py: a text's characters and pairs of adjacent characters, for search by fragment."""

    function = "gonghui_grams"
    output_field = ArrayField(models.TextField())


class Subject(Func):
    """`subject_code` of a column, in SQL: what both codes of a unit, of 18 and of 9 characters, share."""

    template = "CASE WHEN length(%(expressions)s) = 18 THEN substr(%(expressions)s, 9, 9) ELSE %(expressions)s END"
    output_field = models.TextField()


def key_of_name() -> Coalesce:
    """Returns the key for search and comparison of rows with ``name`` and ``name_key``; see kit/names.py."""
    return Coalesce("name_key", "name")


class Initials(Func):
    """The first letter of each reading in a sort key (`kit.names.pinyin_key`): ``wang2王 xiao3小`` gives ``wx``."""

    function = "regexp_replace"
    template = "%(function)s(%(expressions)s, '(.)[^ ]* ?', '\\1', 'g')"
    output_field = models.TextField()


def subject_code(code: str) -> str:
    """The nine characters that a unit's 18-character code and its older organisation code share (GB 32100, 9 to 17)."""
    return code[8:17] if len(code) == 18 else code
