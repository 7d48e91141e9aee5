"""``gonghui manage create_admin EMAIL``: creates the first platform administrator, or another one."""

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email

from gonghui.accounts.actions import create_platform_admin
from gonghui.kit.errors import Refused


class Command(BaseCommand):
    help = "Make a platform administrator of the city and print the link by which the password is set."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")

    def handle(self, *args: Any, email: str, **options: Any) -> None:
        try:
            validate_email(email)
            path = create_platform_admin(email)
        except ValidationError as problem:
            raise CommandError(f"{email} is no e-mail address") from problem
        except Refused as refusal:
            raise CommandError(refusal.sentence) from refusal
        base = settings.ENVIRONMENT.base_url or f"http://localhost:{settings.ENVIRONMENT.port}"
        self.stdout.write(f"Within three days, set the password at\n{base}{path}")
