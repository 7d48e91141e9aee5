"""What apps above add to the audit, which knows no members and no unions (docs/architecture.md says who does)."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from gonghui.audit.models import Entry
from gonghui.kit.hooks import Hook, Registry, chained, merged

if TYPE_CHECKING:
    from gonghui.audit.verbs import Change, Fact

References = Iterable[tuple[str, Iterable[int]]]
"""(object type as entries have it, ids)"""

references_to_member = Hook[[str], References, list[tuple[str, Iterable[int]]]](chained)
"""What belongs to the member of this 会员编号."""

RECORDED_CHANGES: Registry[Callable[[Sequence[Entry]], Mapping[int, Sequence["Change"]]]] = Registry()
"""By object type: what each of these entries about one has changed, by the entry's id; from the row's earlier versions,
numbers masked, so that personal data is not copied into the audit.
"""

unions_meant = Hook[[str], Sequence[int], list[int]](chained)
"""The ids of the unions meant by a name or number."""

union_names = Hook[[Collection[int]], Mapping[int, str], dict[int, str]](merged)
"""What the unions with these ids are called."""

VERBS: Registry[str] = Registry()
"""Every verb with its words; registered by `audit.verbs.register` at the head of the actions that record it."""

FACTS: Registry["Fact"] = Registry()
"""By noun and key, like ``card.purpose``: what the data of a verb says; registered by `audit.verbs.facts` there too."""
