"""A thousand wrong passwords for one account from a hundred addresses. The owner must get in, the guesser must not.

Starts a demo of its own behind an invented proxy, so that one machine can speak for a hundred addresses. Exits with 1
when more guesses are looked at than the limit allows, or the owner is shut out. ``PYTHONPATH`` with the sources of
another version shows what became of it there.

    .venv/bin/python -m bench.attacks.passwords
"""

import re
import sys
import tempfile
import time
from collections import Counter
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import urlencode, urljoin
from urllib.request import HTTPCookieProcessor, Request, build_opener

from tests.stack import Demo

EMAIL, PASSWORD = "union-a@demo.test", "Demo-2026-gonghui"
GUESSES, ADDRESSES, LOOKED_AT = 1000, 100, 5
IN, WRONG, STOPPED = "gets in", "wrong password", "stopped"


class Browser:
    """Somebody at one network address, with cookies."""

    def __init__(self, site: str, address: str) -> None:
        self.site, self.headers = site, {"X-Forwarded-For": address}
        self._opener = build_opener(HTTPCookieProcessor(CookieJar()))

    def open(self, path: str, data: dict[str, str] | None = None) -> tuple[int, str]:
        """The answer's status and text, redirects followed."""
        body = urlencode(data).encode() if data else None
        try:
            with self._opener.open(
                Request(urljoin(self.site, path), body, self.headers),  # noqa: S310 (our own demo)
                timeout=60,
            ) as answer:
                return answer.status, answer.read().decode()
        except HTTPError as error:
            return error.code, error.read().decode()

    def post(self, path: str, form: str, **fields: str) -> tuple[int, str]:
        """Send a form with the token that stands on the page ``form``."""
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', self.open(form)[1])
        return self.open(path, {"csrfmiddlewaretoken": token[1] if token else "", **fields})

    def sign_in(self, email: str, password: str) -> str:
        status, page = self.post("/accounts/login/", "/accounts/login/", login=email, password=password)
        if status == 429 or "登录失败的次数太多" in page:
            return STOPPED
        return IN if "退出" in page else WRONG


def mailed_link(owner: Browser) -> str:
    """The newest link in the demo's mailbox that makes a device known; nothing when there is none."""
    for _ in range(100):
        found = re.search(r"/accounts/device/[^\"<\s]+", owner.open("/demo/mail/")[1])
        if found:
            return found[0]
        time.sleep(0.1)
    return ""


def attack(site: str) -> bool:
    """Whether the platform held."""
    own = Browser(site, "10.200.0.1")
    print(f"the owner, the day before: {own.sign_in(EMAIL, PASSWORD)}")
    own.post("/accounts/logout/", "/home/")

    begun = time.perf_counter()
    answers = Counter(
        Browser(site, f"10.100.0.{number % ADDRESSES}").sign_in(EMAIL, f"guess-number-{number}")
        for number in range(GUESSES)
    )
    seconds = time.perf_counter() - begun
    print(f"{GUESSES} guesses from {ADDRESSES} addresses in {seconds:.0f} s: {dict(answers)}")

    known = own.sign_in(EMAIL, PASSWORD)
    print(f"the owner on the usual device: {known}")
    new = Browser(site, "10.200.0.2")
    before = new.sign_in(EMAIL, PASSWORD)
    new.post("/accounts/device-link/", "/accounts/login/", email=EMAIL)
    link = mailed_link(new)
    if link:
        new.post(link, link)
    after = new.sign_in(EMAIL, PASSWORD)
    print(f"the owner on a new device: {before}, after the mailed link: {after}")

    office = Counter(Browser(site, "10.200.0.3").sign_in("union-b@demo.test", PASSWORD) for _ in range(60))
    print(f"60 right passwords from one address: {dict(office)}")
    return answers[WRONG] <= LOOKED_AT and not answers[IN] and known == after == IN and office == {IN: 60}


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        demo = Demo(Path(folder) / "var", GONGHUI_PROXIES="1")
        demo.start()
        try:
            held = attack(demo.address)
        finally:
            demo.stop()
    print("held" if held else "DID NOT HOLD")
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main())
