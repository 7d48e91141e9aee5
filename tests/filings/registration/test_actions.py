"""Registration of an employer (SPEC 1.2)."""

import re

import pytest
from allauth.account.models import EmailAddress
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from gonghui.accounts.models import Role, User
from gonghui.audit.models import Entry
from gonghui.filings.models import AccountClaim, Filing, Registration
from gonghui.filings.queries import suggested_employers
from gonghui.filings.registration.actions import find_registered, register_announced, register_employer
from gonghui.kit.errors import Refused
from gonghui.kit.names import unit_key
from gonghui.notices.models import Mail, Notice
from gonghui.reviews.models import Review
from gonghui.unions.levels import UnionKind
from gonghui.unions.models import Employer, RegisteredEmployer, Union, UnionState
from gonghui.unions.queries import holding, named
from tests.accounts.outbox import last_body, last_link
from tests.factories import PASSWORD, PRIVACY, make_union, make_user
from tests.markup import markup
from tests.states import put

NAME = "上海新芽软件有限公司"
FORM = {
    "email": "hr@newcomer.test",
    "password1": PASSWORD,
    "password2": PASSWORD,
    "name": "方晓雯",
    "employer_name": NAME,
} | PRIVACY


def _registered(name: str = NAME, code: str = "91310110MA1FL0001X", **fields) -> RegisteredEmployer:
    return RegisteredEmployer.objects.create(name=name, code=code, **fields)


def _sign_up(client, **change):
    return client.post("/accounts/signup/", FORM | change)


def _prove(client, email: str = FORM["email"]):
    return client.post(last_link(email, "confirm-email"))


def test_registration_makes_an_unfiled_union_with_its_officer_when_the_email_is_proved(client, db):
    assert _sign_up(client).url == "/accounts/confirm-email/"
    user = User.objects.get(email="hr@newcomer.test")
    assert (user.union, user.roles, Union.objects.count()) == (None, [], 0)
    assert _prove(client).url == "/home/"
    user.refresh_from_db()
    assert user.roles == [Role.OFFICER]
    assert (user.union.state, user.union.superior, user.union.number) == (UnionState.UNFILED, None, None)
    assert (user.union.employer.name, user.union.employer.registered) == (NAME, None)
    assert Entry.objects.get(verb="employer.registered").actor == user
    assert not Registration.objects.exists()


def test_chosen_entry_of_the_register_is_linked(client, db):
    _registered(code="91310110MA1FL0002X")
    chosen = _registered()
    _sign_up(client, registered_id=chosen.pk)
    _prove(client)
    assert Employer.objects.get().registered == chosen


def test_without_script_the_only_entry_of_that_name_is_linked(client, db):
    entry = _registered("上海新芽(集团)有限公司")
    _sign_up(client, employer_name=" 上海新芽（集团）有限公司 ")
    _prove(client)
    assert Employer.objects.get().registered == entry


def test_an_entry_of_another_name_is_not_linked(client, db):
    other = _registered("上海别家软件有限公司")
    _sign_up(client, registered_id=other.pk)
    _prove(client)
    assert Employer.objects.get().registered is None


def test_a_claim_reaches_the_superior_only_when_the_email_is_proved(client, cast):
    _sign_up(client, employer_name=cast.union.employer.name)
    assert not Review.objects.exists()
    assert not Notice.objects.exists()
    _prove(client)
    assert Review.objects.get().claim.user.email == FORM["email"]
    assert "正在等待上级工会审核" in client.get("/home/").text


def test_what_cannot_be_registered_at_the_proof_is_told_and_registered_on_its_page(client, cast):
    _sign_up(client, employer_name=cast.union.employer.name)
    Filing.objects.filter(union=cast.union).delete()
    put(cast.union, UnionState.PENDING)
    Union.objects.filter(pk=cast.union.pk).update(superior=None, number=None)
    assert _prove(client).url == "/home/"
    home = client.get("/home/").text
    assert "还没有上级工会可以审核账号认领" in home
    assert "登记单位" in home
    assert EmailAddress.objects.get(email=FORM["email"]).verified


def test_proving_another_email_later_registers_nothing(client, cast):
    assert register_announced(cast.officer) is None
    assert not Review.objects.exists()


@pytest.mark.parametrize("registered_id", ["x", "-1", "99999999999999999999", ""])
def test_nonsense_for_an_entry_does_no_harm(client, db, registered_id):
    response = client.post("/accounts/signup/", FORM | {"registered_id": registered_id, "password2": "other"})
    assert response.status_code == 200


def test_taken_email_gets_the_same_answer_and_a_mail_says_so(client, cast):
    response = client.post("/accounts/signup/", FORM | {"email": cast.officer.email})
    assert response.url == "/accounts/confirm-email/"
    assert "已经有账号了" in last_body(cast.officer.email)
    assert User.objects.filter(email=cast.officer.email).count() == 1


def test_account_and_employers_name_are_kept_together_or_not_at_all(client, db, monkeypatch):
    monkeypatch.setattr(Registration.objects, "create", _fail)
    with pytest.raises(ZeroDivisionError):
        client.post("/accounts/signup/", FORM)
    assert not User.objects.exists()
    assert not Mail.objects.exists()


def test_proof_and_union_are_made_together_or_not_at_all(client, db, monkeypatch):
    _sign_up(client)
    monkeypatch.setattr(Employer.objects, "create", _fail)
    with pytest.raises(ZeroDivisionError):
        _prove(client)
    assert not EmailAddress.objects.get().verified
    assert Registration.objects.exists()


def _fail(**_fields):
    raise ZeroDivisionError


def test_a_taken_email_costs_the_same_work_as_a_new_one(client, cast):
    """By its time an answer would tell who has an account. An account is made, its password hashed, and undone."""
    with CaptureQueriesContext(connection) as new:
        _sign_up(Client())
    with CaptureQueriesContext(connection) as taken:
        _sign_up(Client(), email=cast.officer.email)
    tables = [
        sorted(set(re.findall(r'INSERT INTO ("\w+")', str(queries.captured_queries)))) for queries in (new, taken)
    ]
    assert tables[0] == tables[1]
    assert '"accounts_user"' in tables[0]
    assert "argon2" in str(taken.captured_queries)
    assert abs(len(new) - len(taken)) <= 6
    assert not User.objects.filter(email__endswith="@unknown.invalid").exists()


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"employer_name": ""}, "请填写这一项"),
        ({"name": ""}, "请填写这一项"),
        ({"name": "方"}, "至少 2 个字"),
        ({"name": "13800001111"}, "姓名中不能有"),
        ({"privacy": ""}, "请先阅读《个人信息处理说明》"),
        ({"privacy_version": "2001-01-01"}, "刚刚更新，请重新阅读"),
        ({"employer_name": "12345"}, "应有汉字或字母"),
        ({"email": "不是邮箱"}, "邮箱地址不正确"),
        ({"password1": "short", "password2": "short"}, "至少"),
        ({"password2": "Different-2026-x"}, "密码"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(client, db, change, sentence):
    response = client.post("/accounts/signup/", FORM | change)
    assert response.status_code == 200
    assert sentence in "".join(error for errors in response.context["form"].errors.values() for error in errors)
    assert not User.objects.exists()


def test_the_officer_has_a_name_from_the_first_page_on(client, db):
    _sign_up(client, name=" 方 晓雯 ")
    assert User.objects.get().name == "方晓雯"
    _prove(client)
    assert '<span class="user-name">方晓雯</span>' in markup(client.get("/home/"))
    assert "还没有填写姓名" not in client.get("/home/").text


def test_a_claim_tells_the_superior_who_asks(client, cast):
    _sign_up(client, employer_name=cast.union.employer.name)
    _prove(client)
    client.force_login(cast.reviewer)
    page = client.get(reverse("reviews:review", args=[Review.objects.get().pk])).text
    assert cast.union.name in page
    assert ">方晓雯（hr@newcomer.test）申请认领" in page, "the union stands before it, once"
    assert "经办人姓名" in page


def test_who_has_no_name_yet_is_asked_on_the_home_page_and_when_registering_again(client, db):
    user = make_user(None, name="")
    client.force_login(user)
    answer = client.post("/filings/register/", {"employer_name": NAME})
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == ["name"]
    assert "还没有填写姓名" in client.get("/home/", follow=True).text
    assert client.post("/filings/register/", {"employer_name": NAME, "name": "方晓雯"}).status_code == 302
    user.refresh_from_db()
    assert (user.name, user.union.name) == ("方晓雯", NAME)
    assert "还没有填写姓名" not in client.get("/home/").text


def test_the_page_after_names_the_address_whether_it_is_known_or_not(client, cast):
    for email in ("slip@newcomer.test", cast.officer.email):
        _sign_up(client, email=email)
        page = client.get("/accounts/confirm-email/").text
        assert f"{email}</b>" in page
        assert 'href="/accounts/signup/"' in page
        assert f'value="{email}"' in page
    assert "您填写的邮箱" in Client().get("/accounts/confirm-email/").text


def test_one_account_registers_one_employer(cast):
    with pytest.raises(Refused, match="一个账号只登记一家单位"):
        register_employer(cast.officer, name=NAME, registered_id=None)


def test_suggestions_begin_with_then_contain_at_most_eight(db):
    for number in range(10):
        _registered(f"上海春晖机械{number}厂", f"C{number}")
    _registered("春晖贸易公司", "T")
    names = [entry.name for entry in suggested_employers("春晖")]
    assert names[0] == "春晖贸易公司"
    assert len(names) == 8
    assert all("春晖" in name for name in names)


@pytest.mark.parametrize("text", ["", "春", " 春 ", "没有这家"])
def test_nothing_is_suggested_below_two_characters_or_without_a_match(db, text):
    _registered("春晖贸易公司", "T")
    assert suggested_employers(text) == []


def test_fragment_must_be_whole(db):
    _registered("上海春晖海上公司", "T")
    assert suggested_employers("海上海") == []


def test_suggestions_are_public_options_of_a_listbox(client, db):
    entry = _registered(economic_type="private", address="杨浦区示例路1号")
    page = markup(client.get("/filings/register/suggest/", {"employer_name": "新芽"}))
    assert f'role="option" id="employer-{entry.pk}"' in page
    assert "私营企业" in page
    assert "杨浦区示例路1号" in page


def test_suggestions_are_limited_for_one_address(client, db):
    for _ in range(121):
        response = client.get("/filings/register/suggest/", {"employer_name": "新"})
    assert response.status_code == 429


def test_suggestions_use_the_index(db):
    RegisteredEmployer.objects.bulk_create(
        RegisteredEmployer(name=f"上海{'春夏秋冬'[n % 4]}{'晖芽川江'[n // 4 % 4]}机械{n}厂", code=f"C{n}")
        for n in range(5000)
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE unions_registeredemployer")
        cursor.execute("SET LOCAL enable_seqscan TO off")  # so few rows are read as quickly one by one
    assert "registered_name_grams" in holding(RegisteredEmployer.objects.all(), "机械4321").explain()


def test_account_without_a_union_registers_later(client, cast):
    client.force_login(cast.claimant)
    assert "登记单位" in client.get("/home/").text
    assert client.post("/filings/register/", {"employer_name": NAME}).url == "/home/"
    cast.claimant.refresh_from_db()
    assert cast.claimant.union.employer.name == NAME
    assert client.get("/filings/register/").url == "/home/"


def _claim(cast, user: User | None = None):
    return register_employer(user or cast.claimant, name=cast.union.employer.name, registered_id=None)


def test_employer_on_the_platform_becomes_a_claim_that_shows_nothing(client, cast):
    claim = _claim(cast)
    assert isinstance(claim, AccountClaim)
    cast.claimant.refresh_from_db()
    assert cast.claimant.union is None
    step = claim.review.steps.get()
    assert (step.superior, step.open) == (cast.street, True)
    client.force_login(cast.claimant)
    page = client.get("/home/").text
    assert "您的账号认领正在等待上级工会审核" in page
    assert cast.union.number not in page
    for path in ("/filings/", "/members/", "/reviews/", "/unions/", f"/filings/unions/{cast.union.pk}/"):
        assert cast.union.name not in client.get(path).text


@pytest.mark.parametrize("state", [UnionState.UNFILED, UnionState.DISSOLVED])
def test_a_union_that_is_not_in_use_is_no_reason_for_a_claim(cast, state):
    put(cast.union, state)
    assert not isinstance(_claim(cast), AccountClaim)


def test_same_entry_of_the_register_is_the_same_employer(cast):
    entry = _registered("上海改名以后有限公司")
    Employer.objects.filter(union=cast.union).update(registered=entry)
    assert isinstance(register_employer(cast.claimant, name=entry.name, registered_id=None), AccountClaim)


def test_same_code_is_the_same_employer(cast):
    entry = _registered("上海改名以后有限公司", code=cast.union.employer.code)
    assert isinstance(register_employer(cast.claimant, name=entry.name, registered_id=None), AccountClaim)


@pytest.mark.parametrize("typed", ["上海示例(集团)有限公司", "上海示例 （集团） 有限公司"])
def test_other_brackets_are_the_same_employer(cast, typed):
    name = "上海示例（集团）有限公司"
    make_union(UnionKind.GRASSROOTS, cast.street, name=f"{name}工会")
    assert isinstance(register_employer(cast.claimant, name=typed, registered_id=None), AccountClaim)
    entry = _registered(name, name_key=unit_key(name))
    assert find_registered(typed) == entry
    assert suggested_employers(typed[:8]) == [entry]
    assert named(f"{typed}工会").name == f"{name}工会"


def test_a_second_claim_waits_for_the_first(cast):
    _claim(cast)
    with pytest.raises(Refused, match="正在等待上级工会审核"):
        _claim(cast)


def test_a_claim_can_be_taken_back_only_by_its_owner(client, cast):
    claim = _claim(cast)
    client.force_login(make_user(None))
    assert client.post(f"/filings/claims/{claim.pk}/withdraw/").status_code == 404
    client.force_login(cast.claimant)
    assert client.post(f"/filings/claims/{claim.pk}/withdraw/").url == "/filings/register/"
    assert "登记单位" in client.get("/home/").text
