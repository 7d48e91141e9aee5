"""A remembered address is the one that Django works out."""

import pytest
from django.conf import settings
from django.template import Context, Template
from django.urls import NoReverseMatch, get_resolver, reverse

from gonghui.kit.addresses import address


def names() -> list[tuple[str, int]]:
    """Every URL name with the number of its arguments."""
    found, waiting = set(), [(get_resolver(settings.ROOT_URLCONF), "", 0)]
    while waiting:
        resolver, space, above = waiting.pop()
        for pattern in resolver.url_patterns:
            count = above + len(pattern.pattern.converters)
            if hasattr(pattern, "url_patterns"):
                waiting.append((pattern, f"{space}{pattern.namespace}:" if pattern.namespace else space, count))
            elif pattern.name:
                found.add((f"{space}{pattern.name}", count))
    return sorted(found)


def test_every_address_is_djangos():
    checked = 0
    for name, count in names():
        for args in ([()], [(7,), (1234567890,)])[count] if count < 2 else ():
            try:
                expected = reverse(name, args=args)
            except NoReverseMatch:  # not a number, or a pattern without a converter
                continue
            assert address(name, *args) == address(name, *args) == expected
            checked += 1
    assert checked > 150


def test_other_arguments_are_asked_of_django():
    assert address("imports:upload", "members") == reverse("imports:upload", args=["members"])


@pytest.mark.parametrize("args", [(), ("members", 1), (-1,)])
def test_a_wrong_argument_is_an_error(args):
    with pytest.raises(NoReverseMatch):
        address("members:view", *args)


def test_the_tag_gives_it_in_every_template():
    page = Template("{% url 'members:view' pk %} {% url 'home' %} {% url 'members:view' 5 as there %}{{ there }}")
    assert page.render(Context({"pk": 12})) == "/members/12/ /home/ /members/5/"
