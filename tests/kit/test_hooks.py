"""Order and names of what is registered."""

import pytest

from gonghui.kit.hooks import Hook, Registry, chained, given, merged


def first(value: int) -> list[int]:
    return [value]


def second(value: int) -> list[int]:
    return [value * 10]


def test_functions_are_asked_in_the_declared_order_whoever_registers_first():
    hook = Hook[[int], list[int], list[int]](chained)
    hook.register(second, order=2)
    hook.register(first, order=1)
    assert hook(3) == [3, 30]
    assert list(hook.functions) == ["tests.first", "tests.second"]


def test_nothing_is_registered_twice_under_one_name():
    hook = Hook[[int], list[int], list[int]](chained)
    hook.register(first, order=1)
    with pytest.raises(ValueError, match=r"tests\.first"):
        hook.register(first, order=2)
    assert hook(1) == [1]


def test_a_registry_is_in_the_declared_order_and_then_by_key():
    registry: Registry[int] = Registry()
    for key, order in (("c", 0), ("b", 1), ("a", 1), ("z", -1)):
        registry.register(key, order, order=order)
    assert list(registry) == ["z", "c", "a", "b"]


def test_answers_become_one():
    assert chained(iter([[1], (2, 3)])) == [1, 2, 3]
    assert merged(iter([{1: "a", 2: "b"}, {2: "c"}])) == {1: "a", 2: "c"}
    assert given(iter([None, "a", ""])) == ["a"]
