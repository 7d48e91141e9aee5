"""What deciding an account claim does (SPEC 1.2, 5.1)."""

import pytest
from allauth.account.models import EmailAddress

from gonghui.accounts.models import Role, User
from gonghui.audit.models import Entry
from gonghui.filings.registration.actions import register_employer
from gonghui.kit.errors import Refused
from gonghui.notices.models import Notice
from gonghui.reviews.actions import decide
from gonghui.reviews.hooks import KINDS
from gonghui.reviews.kinds import checks_of
from gonghui.unions.models import Union
from tests.accounts.outbox import last_body

KIND = "account_claim"


@pytest.fixture
def review(cast):
    return register_employer(cast.claimant, name=cast.union.employer.name, registered_id=None).review


def test_reviewer_sees_who_asks_and_who_acts_now(cast, review):
    words = {change.label: (change.old, change.new) for change in KINDS[KIND].changes(review)}
    assert words["经办人账号"][1] == cast.claimant.email
    assert words["经办人账号"][0].endswith("****@example.test")
    assert cast.officer.email not in str(words)


def test_unproved_email_and_foreign_domain_are_pointed_out(cast, review):
    assert [check.level for check in checks_of(review)] == ["ok", "ok", "look"]
    EmailAddress.objects.filter(user=cast.claimant).update(verified=False)
    User.objects.filter(pk=cast.officer.pk).update(email="a@company.example")
    assert [check.level for check in checks_of(review)] == ["bad", "look", "look"]


def test_a_claim_of_an_unproved_email_cannot_be_approved(cast, review):
    EmailAddress.objects.filter(user=cast.claimant).update(verified=False)
    with pytest.raises(Refused, match="邮箱还没有验证"):
        decide(review, decision="approved", opinion="", by=cast.reviewer)
    cast.claimant.refresh_from_db()
    assert cast.claimant.union is None
    decide(review, decision="refused", opinion="邮箱没有验证", by=cast.reviewer)


def test_approval_makes_the_claimant_an_officer_and_tells_all(client, cast, review):
    decide(review, decision="approved", opinion="", by=cast.reviewer)
    cast.claimant.refresh_from_db()
    assert (cast.claimant.union, cast.claimant.roles) == (cast.union, [Role.OFFICER])
    assert "账号认领已通过" in last_body(cast.claimant.email)
    assert Notice.objects.filter(user=cast.officer, title__contains="已成为本工会的经办人").exists()
    assert Entry.objects.get(verb="claim.approved").actor == cast.reviewer
    client.force_login(cast.claimant)
    assert cast.union.number in client.get("/home/").text


def test_refusal_shows_the_opinion_and_the_way_on(client, cast, review):
    decide(review, decision="refused", opinion="不是本单位的人员", by=cast.reviewer)
    cast.claimant.refresh_from_db()
    assert cast.claimant.union is None
    client.force_login(cast.claimant)
    page = client.get("/home/").text
    assert "不是本单位的人员" in page
    assert "重新登记单位" in page
    assert cast.union.number not in page
    assert client.post("/filings/register/", {"employer_name": "上海另一家有限公司"}).url == "/home/"


@pytest.mark.parametrize("who", ["viewer", "other_reviewer", "district_admin", "officer", "claimant"])
def test_only_reviewers_of_its_superior_decide(cast, review, who):
    with pytest.raises(Refused):
        decide(review, decision="approved", opinion="", by=getattr(cast, who))
    assert User.objects.get(pk=cast.claimant.pk).union is None


def test_a_union_dissolved_meanwhile_cannot_be_claimed(cast, review):
    Union.objects.filter(pk=cast.union.pk).update(state="dissolved")
    with pytest.raises(Refused, match="已撤销"):
        decide(review, decision="approved", opinion="", by=cast.reviewer)


def test_a_claimant_disabled_meanwhile_gets_nothing(cast, review):
    User.objects.filter(pk=cast.claimant.pk).update(is_active=False)
    with pytest.raises(Refused, match="已停用"):
        decide(review, decision="approved", opinion="", by=cast.reviewer)
