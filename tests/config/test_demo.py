"""``gonghui demo`` as a real process: it serves, restarts its parts, ends cleanly, and keeps its data."""

import signal
import socket
from urllib.error import URLError

import psutil
import pytest

from gonghui.demo_data.cast import CLINIC, PASSWORD, TOLD, UNION_A
from tests.stack import Demo, Visitor, environment, free_port, gonghui, wait_for


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """One demo that runs all the time, with two web processes; a test that ends it starts it again."""
    demo = Demo(tmp_path_factory.mktemp("demo") / "var", GONGHUI_WEB_PROCESSES="2")
    demo.start()
    yield demo
    if demo.process.poll() is None:
        demo.stop()


def is_ready(demo: Demo) -> bool:
    try:
        return '"ready": true' in Visitor(demo.address).get("/readyz")
    except (URLError, OSError):
        return False


def sign_in(demo: Demo, email: str) -> Visitor:
    visitor = Visitor(demo.address)
    page = visitor.post("/accounts/login/", login=email, password=PASSWORD)
    assert ("确认身份" if email == CLINIC.email else "退出") in page  # the clinic binds its second factor first
    return visitor


def test_it_says_what_it_does_and_tells_the_accounts(demo):
    output = demo.said()
    for step in ("Starting the database ...", "Loading invented data ...", "Starting web and worker ..."):
        assert step in output
    assert PASSWORD in output
    assert all(email in output for email, _ in TOLD)
    assert f"{demo.address}/demo/mail/" in output


@pytest.mark.parametrize("email", [email for email, _ in TOLD])
def test_every_account_told_of_can_sign_in(demo, email):
    sign_in(demo, email)


def test_every_notice_mail_leads_back_and_tells_whom_to_ask(demo):
    page = Visitor(demo.address).get("/demo/mail/")
    assert page.count("您好") >= 10
    assert page.count(f'请登录平台查看：<br><a href="{demo.address}/') == page.count("请登录平台查看") >= 10
    assert "请登录平台查看。" not in page
    assert "。。" not in page


@pytest.mark.parametrize("name", ["worker", "serve"])
def test_what_was_killed_comes_back(demo, name):
    killed = demo.child(name)
    killed.kill()
    wait_for(lambda: (child := demo.child(name)) and child.pid != killed.pid)  # one call: it may be down at the moment
    wait_for(lambda: is_ready(demo))


def test_a_killed_database_comes_back(demo):
    pid = int((demo.var / "postgres" / "postmaster.pid").read_text().split()[0])
    psutil.Process(pid).kill()
    wait_for(lambda: "The database ended" in demo.said())
    wait_for(lambda: is_ready(demo))
    sign_in(demo, UNION_A.email)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_ends_cleanly_and_starts_again_on_the_same_data(demo, number):
    assert demo.stop(number) == 0
    assert demo.left_running() == []
    kept = (demo.var / "postgres" / "PG_VERSION").stat().st_ino
    demo.start()
    assert (demo.var / "postgres" / "PG_VERSION").stat().st_ino == kept
    assert "nothing loaded" in (demo.var / "log" / "load_demo.log").read_text()
    assert "总共 1535 条记录" in sign_in(demo, UNION_A.email).read("/members/")


def test_a_killed_demo_leaves_no_web_server_behind(demo):
    demo.stop(signal.SIGKILL)
    wait_for(lambda: all(process.name() == "postgres" for process in demo.left_running()))
    demo.start()
    assert is_ready(demo)


def test_a_stop_while_the_database_is_being_made_leaves_nothing(tmp_path):
    demo = Demo(tmp_path / "var")
    demo.begin()
    wait_for((tmp_path / "var" / "postgres.new").exists)
    assert demo.stop() == 0
    assert demo.left_running() == []


def test_a_port_in_use_is_told_in_a_sentence(tmp_path):
    with socket.socket() as other:
        port = free_port()
        other.bind(("127.0.0.1", port))
        other.listen()
        answer = gonghui("demo", env=environment(tmp_path, PORT=str(port)))
    assert answer.returncode == 2
    assert f"cannot listen on 127.0.0.1, port {port}" in answer.stderr
    assert f"PORT={port + 1} gonghui demo" in answer.stderr
