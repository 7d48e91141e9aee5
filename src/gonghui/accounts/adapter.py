"""Where django-allauth's second factor meets this product. Its account side sends mail: see notices/adapter.py."""

from base64 import b64decode, b64encode

from allauth.mfa.adapter import DefaultMFAAdapter

from gonghui.kit.crypto import NOBODY, Purpose

SECRETS = Purpose("mfa_authenticator.data")


class MFAAdapter(DefaultMFAAdapter):
    """Seals the secrets of the second factor at rest. Whose they are it is not told: they are bound to their purpose alone."""

    def encrypt(self, text: str) -> str:
        return b64encode(SECRETS.seal(text, NOBODY)).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return SECRETS.open(b64decode(encrypted_text), NOBODY)
