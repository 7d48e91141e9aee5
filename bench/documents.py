"""F4: how many times faster than `stdnum.cn.ric` a resident ID is checked, and which good numbers each refuses.

Run: python bench/documents.py. Rounds of both are interleaved, medians compared. Exits with 1 when the goal is missed.
"""

import sys
from statistics import median
from timeit import timeit

from stdnum.cn import ric

from gonghui.kit.documents import Invalid, id_check_digit, parse_resident_id
from gonghui.kit.invent import invent_person

GOAL = 15
PEOPLE, ROUNDS = 5_000, 9
ABOLISHED = ("310102", "310103", "310108", "310119", "310225", "310226", "310227", "310228", "310229", "310230")


def good_numbers() -> list[str]:
    """Four in five of today's districts; the rest of abolished ones, as older members have them, and permits."""
    numbers = [invent_person(seed).resident_id for seed in range(PEOPLE)]
    for place in range(0, PEOPLE, 5):
        region = "810000" if place % 100 == 0 else ABOLISHED[place // 5 % len(ABOLISHED)]
        body = region + numbers[place][6:17]
        numbers[place] = body + id_check_digit(body)
    return numbers


def own_accepts(number: str) -> bool:
    try:
        parse_resident_id(number)
    except Invalid:
        return False
    return True


def main() -> int:
    numbers = good_numbers()
    for check in (own_accepts, ric.is_valid):  # warm: the library loads its table on first use
        check(numbers[0])
    own, library = [], []
    for _ in range(ROUNDS):
        own.append(timeit(lambda: [own_accepts(n) for n in numbers], number=1) / PEOPLE * 1e6)
        library.append(timeit(lambda: [ric.is_valid(n) for n in numbers], number=1) / PEOPLE * 1e6)
    ratio = median(library) / median(own)
    refused = [sum(not check(n) for n in numbers) for check in (own_accepts, ric.is_valid)]
    print(f"own check      {median(own):6.2f} µs, refuses {refused[0]} of {PEOPLE} good numbers")
    print(f"stdnum.cn.ric  {median(library):6.2f} µs, refuses {refused[1]}")
    print(f"ratio          {ratio:6.1f} (goal {GOAL})")
    return 0 if ratio >= GOAL and refused[0] == 0 else 1


if __name__ == "__main__":
    sys.exit(main())
