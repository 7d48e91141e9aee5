"""Registration of an employer by a new user: a new union, or a claim on an existing one (SPEC 1.2)."""

from django.db import transaction
from django.db.models import Q

from gonghui.accounts.models import Role, User
from gonghui.audit import verbs
from gonghui.audit.actions import record
from gonghui.filings.models import AccountClaim, Filing, Registration
from gonghui.kit.errors import Refused
from gonghui.kit.names import stored_key, unit_columns, unit_key
from gonghui.reviews import actions as reviews
from gonghui.reviews.models import ReviewPart, ReviewState
from gonghui.unions.keys import key_of_name
from gonghui.unions.levels import UnionKind
from gonghui.unions.models import Employer, RegisteredEmployer, Union, UnionState

verbs.register(
    employer__registered="登记单位",
    claim__submitted="申请认领账号",
    claim__approved="认领通过",
    claim__refused="认领退回",
)
verbs.facts("employer", in_register="在大统计库中")
_ON_THE_PLATFORM = (UnionState.PENDING, UnionState.RETURNED, UnionState.APPROVED)


def announce_employer(user: User, *, name: str, registered_id: int | None) -> None:
    """Stores the employer that a new user named, until the e-mail is verified; runs in the account's transaction.

    Until then other users see neither a union nor a claim.
    """
    registered = find_registered(name, registered_id)
    Registration.objects.create(user=user, employer_name=name, registered=registered)


def register_announced(user: User) -> str | None:
    """Registers the announced employer, for ``accounts.hooks.on_email_proved``.

    Returns the reason if it cannot: then the user registers on the page for it.
    """
    announced = Registration.objects.select_for_update().filter(user=user).first()
    if announced is None:
        return None
    announced.delete()
    try:
        with transaction.atomic():
            register_employer(user, name=announced.employer_name, registered_id=announced.registered_id)
    except Refused as refused:
        return refused.sentence
    return None


def register_employer(user: User, *, name: str, registered_id: int | None) -> Union | AccountClaim:
    """Binds ``user`` to the employer ``name``, in one transaction.

    Returns a new unfiled union whose officer is the user. If the employer's union exists already, returns a claim that
    its superior must decide. ``registered_id`` is the chosen entry of the register. Without it, or if its name differs,
    the entry with exactly this name is linked, if there is one. Raises Refused when the user has a union or a pending
    claim.
    """
    with transaction.atomic():
        user = User.objects.select_for_update(of=["self"]).select_related("union").get(pk=user.pk)
        _require_unbound(user)
        registered = find_registered(name, registered_id)
        union = _union_on_platform(name, registered)
        return _claim(user, union, name) if union else _new_union(user, name, registered)


def find_registered(name: str, registered_id: int | None = None) -> RegisteredEmployer | None:
    """Returns the statistical register's entry: the chosen one if it has this name, else the only one with it."""
    same_name = list(RegisteredEmployer.objects.alias(key=key_of_name()).filter(key=unit_key(name)).order_by("pk")[:50])
    if chosen := [entry for entry in same_name if entry.pk == registered_id]:
        return chosen[0]
    return same_name[0] if len(same_name) == 1 else None


def latest_claim(user: User) -> AccountClaim | None:
    """Returns the newest claim of a user: pending, refused, or withdrawn."""
    return AccountClaim.objects.filter(user=user).select_related("review").order_by("-pk").first()


def _require_unbound(user: User) -> None:
    if user.is_provider:
        raise Refused("体检机构的账号不能登记工会，请用本人的邮箱另注册一个账号。")
    if user.union is not None:
        raise Refused(f"您的账号已经登记了{user.union.name}，一个账号只登记一家单位。如需为其他单位办理，请另注册。")
    if AccountClaim.objects.filter(user=user, review__state=ReviewState.PENDING).exists():
        raise Refused("您的账号认领正在等待上级工会审核，请等待结果；认领错了可以先撤回，再登记。")


def _union_on_platform(name: str, registered: RegisteredEmployer | None) -> Union | None:
    """Returns the filed union of this employer: same register entry, same code, or same name."""
    same = Q(key=unit_key(name))
    if registered:
        same |= Q(registered=registered) | Q(code=registered.code)
        same |= Q(union__filings__code=registered.code, union__filings__code_held=True)
    employer = (
        Employer.objects.alias(key=key_of_name())
        .filter(same, union__state__in=_ON_THE_PLATFORM)
        .select_related("union")
        .first()
    )
    return employer.union if employer else None


def _claim(user: User, union: Union, name: str) -> AccountClaim:
    from gonghui.filings.registration.review import AccountClaimKind

    filing = (
        Filing.objects.filter(union=union, superior__isnull=False).select_related("superior").order_by("-pk").first()
    )
    superior = union.superior or (filing.superior if filing else None)
    if superior is None:
        raise Refused(f"{name}已在平台登记，但还没有上级工会可以审核账号认领，请联系技术支持。")
    review = reviews.submit(
        AccountClaimKind,
        union=union,
        title=f"{user.named}申请认领",  # the desk shows the union beside it
        superiors={ReviewPart.SUPERIOR: superior},
        proposed={"email": user.email, "name": user.name, "employer_name": name},
        by=user,
    )
    claim = AccountClaim.objects.create(user=user, union=union, review=review)
    record("claim.submitted", claim, by=user, union=union)
    return claim


def _new_union(user: User, name: str, registered: RegisteredEmployer | None) -> Union:
    union = Union.objects.create(kind=UnionKind.GRASSROOTS, **unit_columns(name))
    Employer.objects.create(union=union, name=name, name_key=stored_key(name, unit_key(name)), registered=registered)
    user.union, user.roles = union, [Role.OFFICER]
    user.save(update_fields=["union", "roles"])
    record("employer.registered", union, by=user, union=union, in_register=registered is not None)
    return union
