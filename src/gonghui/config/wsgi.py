"""The web application for granian (or any WSGI server)."""

import os

from django.core.wsgi import get_wsgi_application

from gonghui.config.cli import THREADS
from gonghui.kit import excel

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "gonghui.config.settings")
application = get_wsgi_application()
excel.limit_children(THREADS - 1)  # however many workbooks come, pages have a thread
