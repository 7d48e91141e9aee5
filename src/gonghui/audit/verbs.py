"""Every verb of the audit and its Chinese words. A verb greps to the one action that records it."""

VERBS: dict[str, str] = {}


def register(**verbs: str) -> None:
    """Add an app's verbs: ``register(member__added="新增会员")`` makes ``member.added``. Called at the head of an app's actions."""
    VERBS.update({name.replace("__", "."): words for name, words in verbs.items()})
