"""What apps above add to the approval engine (docs/architecture.md says who does)."""

from typing import TYPE_CHECKING

from gonghui.kit.hooks import Registry

if TYPE_CHECKING:
    from gonghui.reviews.kinds import ReviewKind

KINDS: Registry["ReviewKind"] = Registry()
"""By code, in the order in which pages name them."""
