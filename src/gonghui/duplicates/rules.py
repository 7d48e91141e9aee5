"""Who judges and merges look-alikes. `PairQuerySet.visible_to` decides which pairs a user sees."""

from gonghui.accounts.models import Role, User
from gonghui.duplicates.models import Merge, Pair
from gonghui.members.rules import can_add_members
from gonghui.unions.models import Union

_ABOVE = (Role.ADMIN, Role.REVIEWER, Role.PLATFORM_ADMIN)


def can_see_duplicates(user: User) -> bool:
    """Every account of a superior union, and of an approved grassroots one: for what is in its own scope."""
    union = user.union
    return user.is_active and union is not None and (not union.is_grassroots or union.state == "approved")


def can_work(user: User) -> bool:
    """The officers of a grassroots union, or who decides at a superior: not who only looks."""
    union = user.union
    if union is None or not user.is_active:
        return False
    return can_add_members(user, union) if union.is_grassroots else any(user.has_role(role) for role in _ABOVE)


def can_judge(user: User, pair: Pair) -> bool:
    """Who works at a level that sees both (SPEC 5.6)."""
    return can_work(user) and Pair.objects.visible_to(user).filter(pk=pair.pk).exists()


def can_decide(user: User, merge: Merge) -> bool:
    """A superior who sees both, instead of a union that has not answered in time."""
    return user.union is not None and not user.union.is_grassroots and can_judge(user, merge.pair)


def judges_of(superior: Union) -> list[User]:
    """Who is told that something waits for a decision of this superior's."""
    users = User.objects.filter(union=superior, is_active=True, roles__overlap=list(_ABOVE))
    return list(users.order_by("pk"))


def can_answer(user: User, merge: Merge) -> bool:
    """The officers of the union that has to release the person."""
    union = user.union
    return union is not None and merge.releasing_id == union.pk and can_add_members(user, union)
