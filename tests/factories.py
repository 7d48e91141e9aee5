"""The shortest way to a row in a given state. Everything is invented."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from datetime import date
from itertools import count
from typing import Any, TypeVar
from uuid import uuid4

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.db.models import Model
from django.utils import timezone

from gonghui.accounts.models import PrivacyAcceptance, Role, User
from gonghui.accounts.privacy import current_version
from gonghui.kit import crypto
from gonghui.kit.documents import id_check_digit
from gonghui.kit.names import clean_email, stored_key, unit_columns, unit_key
from gonghui.kit.sealing import purpose
from gonghui.members.encryption import to_columns
from gonghui.members.models import Member, Membership
from gonghui.notices.models import Mail
from gonghui.unions.levels import UnionKind
from gonghui.unions.models import Employer, Union, UnionState
from tests.states import out_of_order

PASSWORD = "Demo-2026-gonghui"
HASHED = make_password(PASSWORD)
PRIVACY = {"privacy": "on", "privacy_version": current_version()}
"""What a form that asks for consent sends."""
_serial = count(1)
Row = TypeVar("Row", bound=Model)


def make_union(kind: str, superior: Union | None = None, *, name: str | None = None, **fields) -> Union:
    """A union; a grassroots one with a superior is approved and numbered, with its employer."""
    return make_unions([new_union(kind, superior, name=name, **fields)])[0]


def new_union(kind: str, superior: Union | None = None, *, name: str | None = None, **fields) -> Union:
    """The same, for `make_unions` to save."""
    serial = next(_serial)
    name = name or f"示例{UnionKind(kind).label}{serial}"
    if kind != UnionKind.GRASSROOTS:
        code = f"{serial:03}" if kind in (UnionKind.DISTRICT, UnionKind.BUREAU) else f"X{serial:05}"
        fields = {"state": UnionState.APPROVED, "code": code, **fields}
    elif superior is not None:
        fields = {"state": UnionState.APPROVED, "number": f"{serial:09}", **fields}
    union = Union(kind=kind, superior=superior, **unit_columns(name), **fields)
    if kind == UnionKind.GRASSROOTS:
        employer = name.removesuffix("工会")
        code = org_code(1_000_000 + serial) if superior else None  # none of those that stories name
        union.employer = Employer(name=employer, name_key=stored_key(employer, unit_key(employer)), code=code)
    return union


def make_unions(unions: list[Union]) -> list[Union]:
    """Save them with their employers and return them as they are then: four statements, however many there are."""
    Union.objects.bulk_create(unions)
    Employer.objects.bulk_create(union.employer for union in unions if union.is_grassroots)
    saved = Union.objects.in_bulk(union.pk for union in unions)
    return [saved[union.pk] for union in unions]


def make_user(union: Union | None, *roles: str, email: str | None = None, **fields) -> User:
    """A user with a proved e-mail and PASSWORD; the role defaults to what the union's kind wants."""
    return make_users([new_user(union, *roles, email=email, **fields)])[0]


def new_user(union: Union | None, *roles: str, email: str | None = None, **fields) -> User:
    """The same, for `make_users` to save."""
    if not roles and union is not None:
        roles = (Role.OFFICER,) if union.is_grassroots else (Role.ADMIN, Role.REVIEWER)
    email = email or f"user{next(_serial)}@example.test"
    fields.setdefault("password_changed_at", timezone.now())
    return User(email=clean_email(email), password=HASHED, union=union, roles=list(roles), **fields)


def make_users(users: list[User]) -> list[User]:
    """Save them together: three statements, however many there are."""
    from allauth.account.models import EmailAddress

    User.objects.bulk_create(users)
    EmailAddress.objects.bulk_create(
        EmailAddress(user=user, email=user.email, verified=True, primary=True) for user in users
    )
    PrivacyAcceptance.objects.bulk_create(PrivacyAcceptance(user=user, version=current_version()) for user in users)
    return users


def resident_id(serial: int, *, born: date = date(1990, 1, 1), male: bool = True) -> str:
    """An invented 18-digit number with a check digit that holds."""
    body = f"310110{born:%Y%m%d}{serial % 50:02}{(serial // 50) * 2 % 10 + (1 if male else 0)}"
    return body + id_check_digit(body)


def org_code(serial: int) -> str:
    """An invented nine-character organisation code (GB 11714)."""
    from gonghui.kit.documents import org_code_check_digit

    body = f"{70000000 + serial}"
    return body + org_code_check_digit(body)


def change_member(member: Member, **values: str) -> None:
    """Overwrite values of a member (keys of FIELDS) unseen by any rule."""
    Member.objects.filter(pk=member.pk).update(**to_columns(values, member.seal_id))


def make_member(union: Union | None, *, name: str = "王小明", number: str | None = None, **fields) -> Member:
    """A member of ``union`` (None: in the register only) with an invented ID number of his or her own."""
    from gonghui.members.models import Status

    serial = next(_serial)
    number = number or resident_id(serial, born=date(1970 + serial % 35, 1 + serial % 12, 1 + serial % 28))
    begins_so = not fields.get("correction_state")
    with nullcontext() if begins_so else _in_any_state():
        member = Member.objects.create(
            number=f"{serial:010}",
            union=union,
            status=Status.NORMAL if union else Status.UNATTACHED,
            document_hash=crypto.fingerprint(f"resident_id:{number}"),
            sex=fields.pop("sex", "male"),
            born_on=fields.pop("born_on", date(1990, 1, 1)),
            **to_columns(
                {
                    "name": name,
                    "document_number": number,
                    "mobile": fields.pop("mobile", "19900001234"),
                    "address": fields.pop("address", "杨浦区示例路1号"),
                },
                uuid4(),
            ),
            **fields,
        )
    Membership.objects.create(member=member, union=union, began_by=Membership.Reason.ADDED)
    if union:
        Union.objects.filter(pk=union.pk).update(member_count=union.members.count())
        union.refresh_from_db()
    return member


@contextmanager
def _in_any_state() -> Iterator[None]:
    with transaction.atomic(), out_of_order():
        yield


def mail(to: str = "a@demo.test", body: str = "正文", **fields: Any) -> Mail:
    """An e-mail of the outbox, not saved yet."""
    owner = uuid4()
    sealed = purpose(Mail, "body_sealed").seal(body, owner)
    return Mail(to=to, subject="主题", seal_id=owner, body_sealed=sealed, **fields)


def live(row: Row) -> Row:
    """Returns the row with its current values."""
    return type(row)._default_manager.get(pk=row.pk)
