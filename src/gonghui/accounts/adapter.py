"""Where django-allauth's second factor meets this product. Its account side sends mail: see notices/adapter.py."""

from base64 import b64decode, b64encode

from allauth.mfa.adapter import DefaultMFAAdapter

from gonghui.kit import crypto


class MFAAdapter(DefaultMFAAdapter):
    """Seals the secrets of the second factor at rest."""

    def encrypt(self, text: str) -> str:
        return b64encode(crypto.seal(text)).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return crypto.open_sealed(b64decode(encrypted_text))
