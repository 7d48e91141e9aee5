"""Every verb of the audit and every word of its data. A verb greps to the one action that records it.

An app registers its verbs at the head of the actions that record them, and beside them what their data says: the word of
each key, and those of its values where the value is a code. ``audit.actions.record`` refuses what is not registered, so
that nothing enters the audit which its page cannot say.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from django.db.models import Choices

from gonghui.audit.hooks import FACTS, VERBS

Words = type[Choices] | Mapping[str, str] | Callable[[Any], str]
"""What the values of a key are called: the members of a Choices class, a mapping that may still grow, or a function."""


class Fact(NamedTuple):
    """The word of a key (empty: ids, which say nothing to people), and what its values are called; none: they read as they are."""

    label: str
    words: Words | None = None

    def said(self, value: Any) -> str:
        """``value`` as people read it. Raises KeyError for a code that has no word."""
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
"""(label, old, new), each as it is shown."""


def change_said(change: Change) -> str:
    """「联系人：甲 → 乙」."""
    label, old, new = change
    return f"{label}：{old or '（空）'} → {new or '（空）'}"


_EVERYWHERE = {
    "count": Fact("数量"),
    "rows": Fact("行数"),
    "reason": Fact("原因"),
    "opinion": Fact("意见"),
    "fields": Fact("修改的项目"),
    "old": Fact("原值"),
    "new": Fact("新值"),
    "changes": Fact(""),  # a list of Change: said beside the facts
}


def register(**verbs: str) -> None:
    """Add an app's verbs: ``register(member__added="新增会员")`` makes ``member.added``. Called at the head of an app's actions."""
    for name, words in verbs.items():
        VERBS.register(name.replace("__", "."), words)


def facts(noun: str, /, **keys: str | tuple[str, Words]) -> None:
    """Add what the data of a noun's verbs says: ``facts("card", purpose=("类型", Purpose), made="制成")``."""
    for key, given in keys.items():
        FACTS.register(f"{noun}.{key}", Fact(given) if isinstance(given, str) else Fact(*given))


def fact(verb: str, key: str) -> Fact:
    """How ``key`` in the data of ``verb`` reads. Raises KeyError when no app has registered it."""
    found = FACTS.get(f"{verb.split('.')[0]}.{key}") or _EVERYWHERE.get(key)
    if found is None:
        raise KeyError(f"{verb}: {key} is not registered with audit.verbs.facts")
    return found


def said(verb: str, key: str, value: Any) -> tuple[str, str]:
    """Label and words of one fact of an entry. What an earlier version recorded under other words stands as it is."""
    try:
        found = fact(verb, key)
    except KeyError:
        return key, str(value)
    try:
        return found.label, found.said(value)
    except KeyError:
        return found.label, str(value)
