"""Every verb, key and code of the audit has Chinese words."""

import re
import subprocess
import sys
from importlib import import_module

import pytest
from django.conf import settings
from django.db.models import Choices

from gonghui.accounts.models import Role
from gonghui.audit.actions import record
from gonghui.audit.hooks import FACTS, LOOKS, VERBS
from gonghui.audit.verbs import fact, said
from tests.audit.recorded import recorded

import_module(settings.ROOT_URLCONF)  # all pages register all verbs, as where the audit is read
ENGLISH = re.compile("[A-Za-z]{3,}")


def test_every_key_that_the_code_records_has_a_word():
    records = list(recorded())
    assert len({place.verb for place in records}) > 80
    for place in records:
        for key in place.keys:
            label = fact(place.verb, key).label
            assert not ENGLISH.search(label), (place, key, label)


def test_every_module_knows_the_verbs_that_it_records_however_little_else_is_loaded():
    """A worker has imported no page: a verb that only a page's imports register is unknown there."""
    run = subprocess.run([sys.executable, "-m", "tests.audit.recorded"], capture_output=True, text=True, check=True)
    assert run.stdout.splitlines()[-1].startswith("checked ")
    assert [line for line in run.stdout.splitlines() if not line.startswith("checked ")] == []


def test_every_verb_and_every_code_has_chinese_words():
    for verb, words in VERBS.items():
        assert re.search("[\u4e00-\u9fff]{2}", words), verb
        assert not ENGLISH.search(words), verb
    classes = 0
    for name, registered in FACTS.items():
        noun, key = name.split(".")
        if isinstance(registered.words, type) and issubclass(registered.words, Choices):
            classes += 1
            for value in registered.words.values:
                assert not ENGLISH.search(said(f"{noun}.x", key, value)[1])
    assert classes >= 6


SHOWS_NOBODY = {
    "union.revealed": "the phone of a union",
    "coverage.exported": "employers",
    "deadline.exported": "unions",
    "employer.exported": "employers",
    "inspection.exported": "unions",
    "figure.exported": "numbers of people, without names",
    "yearbook.exported": "likewise",
    "nationalform.asked": "the file is made; who takes it is recorded",
    "register.reported": "lines of a file, of people who are not in the register",
}
"""Looks and exports that do not show a member's data, or not of one who can be named."""


def test_whatever_shows_people_stands_among_the_looks():
    """Each member's page tells who has seen the data (SPEC 7.6): a new look or export is among them, or says why not."""
    shows = {verb for verb, words in VERBS.items() if re.match("查看|导出|下载|查询", words)}
    assert shows - set(LOOKS) == set(SHOWS_NOBODY)


@pytest.mark.parametrize("data", [{"colour": "红"}, {"kind": "no_such_kind"}, {"part": "nobody"}])
def test_what_has_no_word_is_not_recorded(cast, data):
    with pytest.raises(KeyError):
        record("review.submitted", cast.union, by=cast.officer, **data)


@pytest.mark.parametrize(
    ("verb", "data", "words"),
    [
        ("review.submitted", {"kind": "card_batch", "round": 2}, ["类型：会员服务卡", "轮次：2"]),
        ("review.approved", {"part": "releasing"}, ["审核角色：转出方上级"]),
        ("transfer.left", {"reason": "resigned", "count": 1}, ["原因：离职", "数量：1"]),
        ("transfer.uploaded", {"rows": 5, "unmatched": 2, "ours": 1}, ["行数：5", "没有匹配的会员：2", "已是本工会会员：1"]),
        ("cardbatch.submitted", {"purpose": "new", "foreign": True}, ["类型：新办", "外籍人士：是"]),
        ("cardorder.result_read", {"made": 4, "known": 0, "failed": 0}, ["成功：4", "已有结果：0", "失败：0"]),
        ("import.uploaded", {"kind": "members"}, ["类型：模板导入会员"]),
        ("import.narrowed", {"groups": ["new", "returning"]}, ["导入的内容：新会员、恢复会籍"]),
        ("codeimport.ended", {"state": "done", "done": 3}, ["结果：导入成功", "已导入人数：3"]),
        ("account.roles_changed", {"old": ["viewer"], "new": ["reviewer", "viewer"]}, ["原值：查看人", "新值：审核人、查看人"]),
        ("account.created", {"roles": list(Role.values)}, ["角色：经办人、管理员、审核人、查看人、平台管理员、体检机构"]),
        ("upkeep.cleaned", {"removed": {"jobs: finished": 3, "sessions": 4}}, ["清理：7 行"]),
    ],
)  # fmt: skip
def test_codes_read_as_words(verb, data, words):
    assert ["：".join(said(verb, key, value)) for key, value in data.items()] == words


def test_what_an_earlier_version_recorded_is_shown_as_it_is():
    assert said("review.submitted", "kind", "gone") == ("类型", "gone")
    assert said("review.submitted", "former", 1) == ("former", "1")
