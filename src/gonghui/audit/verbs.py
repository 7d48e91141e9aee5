"""The verbs of the audit and the labels of their data. A search for a verb finds the one action that records it.

An app registers its verbs at the head of the actions that record them, with the label of each key of their data, and
the labels of the values if they are codes. ``audit.actions.record`` refuses what is not registered, so that the audit's
page can show every entry in words.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any, NamedTuple

from django.db.models import Choices

from gonghui.audit.hooks import FACTS, LOOKS, VERBS

EACH, BY_UNION = "each", "by union"
"""What the record of a look tells: whose data was shown, or only of which union they were."""

Words = type[Choices] | Mapping[str, str] | Callable[[Any], str]
"""The labels of a key's values: a Choices class, a mapping that may still grow, or a function."""


class Fact(NamedTuple):
    """The label of a key (empty: not shown, such as ids), and the labels of its values (None: shown as they are)."""

    label: str
    words: Words | None = None

    def said(self, value: Any) -> str:
        """Returns ``value`` in words. Raises KeyError for a code without a label."""
        if isinstance(value, bool):
            return "是" if value else "否"
        if isinstance(value, list):
            return "、".join(map(self.said, value))
        if callable(self.words) and not isinstance(self.words, type):
            return self.words(value)
        if self.words is None:
            return str(value)
        if isinstance(self.words, type):
            return str(dict(self.words.choices)[value])  # type: ignore[attr-defined] # the class of Choices has them
        return str(self.words[value])


Change = Sequence[str]
"""(label, old, new), each as shown."""


def change_said(change: Change) -> str:
    """Returns the change in words: 「联系人：甲 → 乙」."""
    label, old, new = change
    return f"{label}：{old or '（空）'} → {new or '（空）'}"


_COMMON = {
    "count": Fact("数量"),
    "rows": Fact("行数"),
    "reason": Fact("原因"),
    "opinion": Fact("意见"),
    "fields": Fact("修改的项目"),
    "old": Fact("原值"),
    "new": Fact("新值"),
    "changes": Fact(""),  # a list of Change: shown beside the facts
}


def register(**verbs: str) -> None:
    """Adds an app's verbs, at the head of its actions: ``register(member__added="新增会员")`` adds ``member.added``."""
    for name, words in verbs.items():
        VERBS.register(name.replace("__", "."), words)


def facts(noun: str, /, **keys: str | tuple[str, Words]) -> None:
    """Adds the labels of the data of a noun's verbs: ``facts("card", purpose=("类型", Purpose), made="制成")``."""
    for key, words in keys.items():
        FACTS.register(f"{noun}.{key}", Fact(words) if isinstance(words, str) else Fact(*words))


def looks(**verbs: str) -> None:
    """Says that these verbs show people's data: ``looks(member__revealed=EACH)``. They stand in the 「查阅记录」.

    EACH: the record's object or its ``people`` lead to whose data it was. BY_UNION: only the union is known.
    """
    for name, whose in verbs.items():
        LOOKS.register(name.replace("__", "."), whose)


def fact(verb: str, key: str) -> Fact:
    """Returns the fact of ``key`` in the data of ``verb``. Raises KeyError when no app has registered it."""
    registered = FACTS.get(f"{verb.split('.')[0]}.{key}") or _COMMON.get(key)
    if registered is None:
        raise KeyError(f"{verb}: {key} is not registered with audit.verbs.facts")
    return registered


def said(verb: str, key: str, value: Any) -> tuple[str, str]:
    """Returns label and words of one fact of an entry. Keys and codes of an earlier version are shown unchanged."""
    label, text = key, str(value)
    with suppress(KeyError):
        registered = fact(verb, key)
        label = registered.label
        text = registered.said(value)
    return label, text
