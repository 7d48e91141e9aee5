"""Account claims in the approval engine: the superior sees the claimant, the union and its present officers."""

from collections.abc import Sequence

from allauth.account.models import EmailAddress
from django.urls import reverse

from gonghui.accounts.models import Role, User
from gonghui.audit.actions import record
from gonghui.filings.registration.actions import find_registered
from gonghui.kit.documents import mask_email
from gonghui.kit.errors import Refused
from gonghui.notices.actions import notify
from gonghui.reviews.kinds import Change, Check, ReviewKind
from gonghui.reviews.models import Review, Step
from gonghui.unions.models import Union, UnionState


class AccountClaimKind(ReviewKind):
    """The claim of a new user to act for an existing union (SPEC 1.2)."""

    code = "account_claim"
    label = "账号认领"
    exclusive = False
    old_heading = "平台现有"
    new_heading = "认领申请"

    def changes(self, review: Review) -> Sequence[Change]:
        proposed = review.proposed
        employer = review.union.employer
        officers = "、".join(mask_email(officer.email) for officer in _officers(review.union)) or "没有"
        return [
            Change("单位名称", employer.name, proposed["employer_name"]),
            Change("工会名称", review.union.name, review.union.name),
            Change("经办人姓名", _names(review.union), proposed.get("name", "")),
            Change("经办人账号", officers, proposed["email"]),
        ]

    def checks(self, review: Review, prepared: None) -> Sequence[Check]:
        return [_check_email(review), _check_domain(review), _check_register(review)]

    def on_approved(self, review: Review, step: Step, *, by: User) -> None:
        """Makes the claimant an officer of the union."""
        union = Union.objects.select_for_update().get(pk=review.union_id)
        user = User.objects.select_for_update().get(pk=review.claim.user_id)
        if not _is_proved(user):
            raise Refused("申请人的邮箱还没有验证，不能通过认领。请等申请人打开验证邮件中的链接后再审核，或者退回。")
        if union.state in (UnionState.UNFILED, UnionState.DISSOLVED):
            raise Refused(f"这家工会的状态已变为「{union.get_state_display()}」，不能再通过认领。请退回并说明。")
        if user.union_id is not None or not user.is_active:
            raise Refused("申请人的账号已停用或已登记其他单位，不能再通过认领。请退回并说明。")
        user.union, user.roles = union, [Role.OFFICER]
        user.save(update_fields=["union", "roles"])
        record("claim.approved", review.claim, by=by, union=union)
        notify([user], f"账号认领已通过，您现在是{union.name}的经办人", url=reverse("home"))
        colleagues = [officer for officer in _officers(union) if officer != user]
        notify(colleagues, f"{user.named}已成为本工会的经办人", body="如有疑问，请联系上级工会。", url=reverse("home"))

    def on_refused(self, review: Review, step: Step, *, by: User) -> None:
        record("claim.refused", review.claim, by=by, union=review.union)
        notify([review.claim.user], "账号认领未通过", body=f"审批意见：{step.opinion}", url=reverse("filings:register"))

    def on_withdrawn(self, review: Review, *, by: User) -> None:
        """Undoes nothing: a claim changes nothing before it is approved."""


def _officers(union: Union) -> list[User]:
    return list(User.objects.filter(union=union, is_active=True).order_by("pk")[:20])


def _names(union: Union) -> str:
    return "、".join(officer.name for officer in _officers(union) if officer.name)


def _is_proved(user: User) -> bool:
    return EmailAddress.objects.filter(user=user, verified=True).exists()


def _check_email(review: Review) -> Check:
    if _is_proved(review.claim.user):
        return Check("ok", "申请邮箱已验证")
    return Check("bad", "申请邮箱还没有验证，请等申请人验证后再审核")


def _check_domain(review: Review) -> Check:
    """Compares the claimant's e-mail with those of the present officers: the same domain suggests a colleague."""
    domain = review.proposed["email"].partition("@")[2]
    domains = {officer.email.partition("@")[2] for officer in _officers(review.union)}
    if not domains:
        return Check("look", "这家工会现在没有启用的经办人账号，请核实申请人身份")
    if domain in domains:
        return Check("ok", "申请邮箱与现有经办人邮箱的域名相同")
    return Check("look", f"申请邮箱的域名 {domain} 与现有经办人邮箱不同，请核实申请人身份")


def _check_register(review: Review) -> Check:
    registered = find_registered(review.proposed["employer_name"])
    if registered and registered.code == review.union.employer.code:
        return Check("ok", "申请填写的单位与这家工会的代码在大统计库中一致")
    return Check("look", "大统计库中没有可以核对的同名单位")
