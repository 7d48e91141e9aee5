"""What the city has decided about sessions and the second factor (SPEC 1.3, 5.4), read along with the account.

Each request loads its account; the rules come by the same statement, so that they cost no other one and hold at once.
"""

from django.contrib.auth.models import AnonymousUser
from django.db.models.expressions import Combinable

from gonghui.accounts.hooks import SignInRules, sign_in_rules
from gonghui.accounts.models import User
from gonghui.unions.levels import UnionKind
from gonghui.unions.models import Union

_UNREAD = object()


def read_along() -> dict[str, Combinable]:
    """Adds to a query of users what `rules_of` needs."""
    return {"sign_in_rules": sign_in_rules().decided()}


def rules_of(user: User | AnonymousUser) -> SignInRules:
    """Returns the rules that came along with the account; by a statement of their own where none did, as at the sign-in."""
    decided = getattr(user, "sign_in_rules", _UNREAD)
    return rules_now() if decided is _UNREAD else sign_in_rules().rules(decided)


def rules_now() -> SignInRules:
    """Returns the rules, by one statement."""
    source = sign_in_rules()
    city = Union.objects.filter(kind=UnionKind.CITY)
    return source.rules(city.values_list(source.decided(), flat=True).first())
