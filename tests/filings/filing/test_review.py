"""What the reviewer of a filing sees: the side-by-side and the automatic checks (SPEC 5.1)."""

import pytest
from django.urls import reverse

from gonghui.filings.filing.review import FilingKind
from gonghui.kit.names import unit_key
from gonghui.reviews.kinds import checks_of, is_clean
from gonghui.unions.levels import UnionKind
from gonghui.unions.models import RegisteredEmployer
from tests.factories import make_union, org_code
from tests.filings.stories import amended, returned, submitted
from tests.markup import markup


def _checks(filing) -> dict[str, list[str]]:
    texts_by_level: dict[str, list[str]] = {"ok": [], "look": [], "bad": []}
    for check in checks_of(filing.review):
        texts_by_level[check.level].append(check.text)
    return texts_by_level


def _register(name="上海新办餐饮有限公司", code=None, **fields) -> RegisteredEmployer:
    return RegisteredEmployer.objects.create(name=name, code=code or org_code(4321), **fields)


def test_all_is_well_when_the_register_agrees(cast):
    _register()
    filing = submitted(cast)
    assert is_clean(filing.review)
    assert "单位名称、代码与大统计库一致" in _checks(filing)["ok"]


def test_an_unknown_employer_wants_a_look(cast):
    assert any("大统计库中没有这个代码" in text for text in _checks(submitted(cast))["look"])


def test_a_code_of_another_name_is_bad(cast):
    _register(name="上海另一家公司")
    assert any("属于「上海另一家公司」" in text for text in _checks(submitted(cast))["bad"])


def test_a_name_of_another_code_is_bad(cast):
    _register(code=org_code(9))
    assert any(org_code(9) in text for text in _checks(submitted(cast))["bad"])


def test_a_namesake_on_the_platform_is_bad(cast):
    make_union(UnionKind.GRASSROOTS, cast.company, name="上海新办餐饮有限公司工会")
    assert any("已有同名单位" in text for text in _checks(submitted(cast))["bad"])


@pytest.mark.parametrize("typed", ["上海新办(集团)有限公司", "上海新办（集团）有限公司", "上海新办 （集团） 有限公司"])
def test_other_brackets_are_the_same_employer(cast, typed):
    employer_name = "上海新办（集团）有限公司"
    _register(name=employer_name, name_key=unit_key(employer_name))
    filing = submitted(cast, employer_name=typed)
    assert "单位名称、代码与大统计库一致" in _checks(filing)["ok"]
    make_union(UnionKind.GRASSROOTS, cast.company, name=f"{employer_name}工会")
    assert any("已有同名单位" in text for text in _checks(filing)["bad"])


def test_first_filing_stands_beside_the_register(cast):
    _register(address="示例路2号")
    changes = {change.label: change for change in FilingKind().changes(submitted(cast).review)}
    assert (changes["单位地址"].old, changes["单位地址"].new, changes["单位地址"].differs) == (
        "示例路2号",
        "示例路1号",
        True,
    )
    assert not changes["单位名称"].differs
    assert changes["工会负责人"].old is None, "the register knows nothing of it"


def test_what_the_register_does_not_know_is_never_the_filings_own_word(client, cast):
    """Every line, whatever the register holds of the employer: nothing, a name and code, all its columns."""
    review, old_values = submitted(cast).review, {}
    client.force_login(cast.reviewer)
    address = reverse("reviews:review", args=[review.pk])
    assert all(change.old is None for change in FilingKind().changes(review))
    assert "大统计库登记" not in client.get(address).text, "one column, where there is nothing to compare"
    entry = _register()
    for column, value in (
        (None, None), ("economic_type", "state"), ("industry", "A"), ("address", "示例路2号"), ("staff_count", 77)
    ):  # fmt: skip
        if column:
            setattr(entry, column, value)
            entry.save()
        changes = FilingKind().changes(review)
        old_values = {change.label: change.old for change in changes if change.old is not None}
        assert set(old_values.values()) <= set(_shown_of(entry)), old_values
    assert len(old_values) == 6
    page = markup(client.get(address))
    assert page.count('<span class="muted">未登记</span>') == len(changes) - len(old_values)


def _shown_of(entry: RegisteredEmployer) -> list[str]:
    return [
        entry.name, entry.code, entry.address, str(entry.staff_count or ""), entry.get_economic_type_display(),
        entry.get_industry_display(),
    ]  # fmt: skip


def test_an_amendment_shows_what_changes_and_folds_the_rest(client, cast):
    review = amended(cast, address="示例路9号").review
    client.force_login(cast.reviewer)
    open_, folded = client.get(reverse("reviews:review", args=[review.pk])).text.split('<details class="folded">')
    assert "示例路9号" in open_
    assert "单位名称" not in open_
    assert "单位名称" in folded.split("</details>")[0]


def test_resubmission_marks_only_what_changed(cast):
    returned(cast)
    changes = FilingKind().changes(submitted(cast, address="示例路1号3楼", phone="19900009999").review)
    assert [change.label for change in changes if change.differs] == ["单位地址", "联系电话"]
    assert all("19900009999" not in change.new for change in changes)
