"""The rules of sessions and the second factor, for ``accounts.hooks.sign_in_rules``."""

from dataclasses import fields
from typing import Any

from django.db.models import Subquery
from django.db.models.expressions import Combinable
from django.db.models.functions import JSONObject

from gonghui.accounts.hooks import SignInRules, SignInRulesSource
from gonghui.policies.fields import FIELDS
from gonghui.policies.queries import set_by_city

NAMES = [field.name for field in fields(SignInRules)]


def _decided() -> Combinable:
    """All of them as one value, so that the account's statement grows by one part."""
    return Subquery(set_by_city().values(json=JSONObject(**{name: name for name in NAMES})))


def _rules(decided: Any) -> SignInRules:
    return SignInRules(**{name: FIELDS[name].holds((decided or {}).get(name)) for name in NAMES})


def rules_source() -> SignInRulesSource:
    return SignInRulesSource(_decided, _rules)
