"""Registration and the filing of a grassroots union (SPEC 1.2, 2.1, 2.2)."""

from django.db import models
from django.db.models import Q

from gonghui.accounts.models import User
from gonghui.audit.models import history
from gonghui.reviews.models import Review
from gonghui.unions.models import Union


class FilingQuerySet(models.QuerySet):
    def visible_to(self, user: User) -> "FilingQuerySet":
        return self.filter(union__in=Union.objects.visible_to(user))


@history()
class Filing(models.Model):
    """One round of the form 「基层工会资料上报」: a draft until it has a review."""

    union = models.ForeignKey(Union, on_delete=models.PROTECT, related_name="filings")
    superior = models.ForeignKey(Union, verbose_name="上级工会", null=True, on_delete=models.PROTECT, related_name="+")
    entrance = models.TextField("填报入口", choices=[("district", "区总工会所属单位"), ("bureau", "产业局所属单位")])
    code = models.TextField("组织机构代码", blank=True, default="")
    values = models.JSONField(default=dict)  # the form as typed; 联系电话 sealed
    review = models.OneToOneField(Review, null=True, on_delete=models.PROTECT, related_name="filing")
    code_held = models.BooleanField(default=False)  # its review is open: nobody else may submit the code
    updated_at = models.DateTimeField("保存时间", auto_now=True)

    objects = FilingQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint("union", condition=Q(review=None), name="filing_one_draft_per_union"),
            models.UniqueConstraint("code", condition=Q(code_held=True), name="filing_code_once"),
        ]


@history()
class AccountClaim(models.Model):
    """A newcomer's wish to act for a union that is on the platform already; its superior decides (SPEC 1.2)."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="claims")
    union = models.ForeignKey(Union, on_delete=models.PROTECT, related_name="claims")
    review = models.OneToOneField(Review, on_delete=models.PROTECT, related_name="claim")

    def __str__(self) -> str:
        return f"{self.user.email} 认领 {self.union.name}"
