"""The platform's settings with Django's admin, which the platform itself does not install."""

from gonghui.config.settings import *  # noqa: F403 (settings are made to be built upon)
from gonghui.config.settings import INSTALLED_APPS, STORAGES

INSTALLED_APPS = [*INSTALLED_APPS, "django.contrib.admin"]
ROOT_URLCONF = "beside_admin.urls"
# The platform's own storage knows only the files of the platform. Both lists get the plain one.
STORAGES = STORAGES | {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
