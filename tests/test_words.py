"""How the product speaks: 您 and never 你, in what it writes and in what its libraries write (tests/test_scope.py: pages)."""

import ast
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth.password_validation import get_password_validators, password_validators_help_texts
from django.core.exceptions import ValidationError

import gonghui
from gonghui.accounts.models import User

SOURCES = Path(gonghui.__file__).parent
TEXTS = {".py", ".html", ".txt", ".md", ".js", ".css", ".svg"}


def test_no_word_of_ours_is_rude():
    files = [path for path in SOURCES.rglob("*") if path.suffix in TEXTS and "vendor" not in path.parts]
    assert len(files) > 500
    said = [str(path) for path in files if "你" in path.read_text()]
    assert said == []


def test_no_sentence_holds_a_name_of_the_code():
    """As one that was renamed beside its braces would."""
    sentences = [
        (path, ast.unparse(node))
        for path in sorted(SOURCES.rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.JoinedStr) and re.search("[一-龥]", ast.unparse(node))
    ]
    assert len(sentences) > 300
    assert [sentence for sentence in sentences if re.search(r"\}\w*[A-Z]_[A-Z]|\}[a-z]+_[a-z]", sentence[1])] == []


@pytest.mark.parametrize("profile", ["default", "mlps3"])
def test_no_rule_of_passwords_is_rude(profile):
    wanted = [*settings.AUTH_PASSWORD_VALIDATORS]
    if profile == "mlps3":
        wanted.append({"NAME": "gonghui.accounts.passwords.CompositionValidator"})
    validators = get_password_validators(wanted)
    texts = [str(text) for text in password_validators_help_texts(validators)]
    user = User(email="xinyaxinya@newcomer.test", name="方晓雯")
    for password in ("short", "xinyaxinya@newcomer", "123456789012", "aaaaaaaaaaaa"):
        for validator in validators:
            try:
                validator.validate(password, user)
            except ValidationError as error:
                texts += error.messages
    assert len(texts) > 2 * len(validators)
    for text in texts:
        assert "你" not in text
        assert not any("a" <= letter <= "z" for letter in text.lower()), text
