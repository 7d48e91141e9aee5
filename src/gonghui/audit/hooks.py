"""What apps above add to the audit, which does not import members or unions (list: docs/architecture.md)."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from gonghui.audit.models import Entry
from gonghui.kit.hooks import Hook, Registry, chained, merged

if TYPE_CHECKING:
    from gonghui.audit.verbs import Change, Fact

References = Iterable[tuple[str, Iterable[int]]]
"""(object type as entries have it, ids)"""

references_to_member = Hook[[str], References, list[tuple[str, Iterable[int]]]](chained)
"""Returns the objects of the member with this 会员编号; ``audit.entry`` stands for entries themselves."""

LISTED_AS: Registry[str] = Registry()
"""By object type: the key in the data of an act on several objects, which is about none of them alone, that lists their ids."""

RECORDED_CHANGES: Registry[Callable[[Sequence[Entry]], Mapping[int, Sequence["Change"]]]] = Registry()
"""By object type: a function that returns the changes of entries by their ids. It reads the row's history and masks
numbers, so that personal data is not copied into the audit.
"""

unions_meant = Hook[[str], Sequence[int], list[int]](chained)
"""Returns the ids of the unions that match a name or number."""

union_names = Hook[[Collection[int]], Mapping[int, str], dict[int, str]](merged)
"""Returns the names of the unions with these ids."""


LOOKS: Registry[str] = Registry()
"""By verb: the acts that show people's data, and whether the record tells of each person; added by `audit.verbs.looks`."""

VERBS: Registry[str] = Registry()
"""The label of each verb; `audit.verbs.register` adds it at the head of the actions that record it."""

FACTS: Registry["Fact"] = Registry()
"""By noun and key, such as ``card.purpose``: label and values of the data of verbs; added by `audit.verbs.facts`."""
