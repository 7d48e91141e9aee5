"""What a comparison with the statistical register finds."""

from django.db import models


class RegisterFinding(models.TextChoices):
    """How an employer on a list stands in the statistical register."""

    SAME = "same", "一致"
    MISSING = "missing", "没有这个代码"
    RENAMED = "renamed", "名称不同"
    STAFF = "staff", "职工人数不同"
