"""The adapter for django-allauth's second factor. The adapter for its accounts sends mail: notices/adapter.py."""

from base64 import b64decode, b64encode

from allauth.mfa.adapter import DefaultMFAAdapter

from gonghui.kit.crypto import NOBODY, Purpose

SECRETS = Purpose("mfa_authenticator.data")


class MFAAdapter(DefaultMFAAdapter):
    """Seals the secrets of the second factor. allauth does not pass their owner: they are bound to their purpose only."""

    def encrypt(self, text: str) -> str:
        return b64encode(SECRETS.seal(text, NOBODY)).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return SECRETS.open(b64decode(encrypted_text), NOBODY)
