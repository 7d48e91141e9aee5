"""What apps above add to the import engine (docs/architecture.md says who does)."""

from typing import TYPE_CHECKING

from gonghui.kit.hooks import Registry

if TYPE_CHECKING:
    from gonghui.imports.kinds import ImportKind

KINDS: Registry["ImportKind"] = Registry()
"""By key, in the order in which pages name them."""
