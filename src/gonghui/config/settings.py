"""Django's settings. Only what an operator may change comes from the environment (environment.py)."""

from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from csp.constants import NONE, SELF

from gonghui import __version__
from gonghui.config.environment import Environment, read
from gonghui.config.keys import keys_of
from gonghui.kit import crypto, deadlines, logs
from gonghui.kit.database.connection import Connection

ENVIRONMENT: Environment = read()
PACKAGE = Path(__file__).resolve().parent.parent


def _database(url: str) -> dict:
    """A PostgreSQL URL as Django's settings; ``?host=`` may be a socket folder."""
    parts = urlsplit(url)
    query = {key: values[0] for key, values in parse_qs(parts.query).items()}
    query["options"] = " ".join([query.get("options", ""), *_server_limits(ENVIRONMENT.work)]).strip()
    return {
        "ENGINE": "gonghui.kit.database",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": query.pop("host", None) or parts.hostname or "",
        "PORT": str(query.pop("port", None) or parts.port or ""),
        "OPTIONS": _LINE | query | {"pool": _POOL},
        "CONN_HEALTH_CHECKS": True,
    }


def _server_limits(work: str) -> list[str]:
    """Timeouts of the server itself, in milliseconds, in case the waiting client no longer exists."""
    statement, idle = {
        "pages": (deadlines.LONG_SECONDS + 5, deadlines.WEB_IDLE_SECONDS),
        "jobs": (deadlines.JOB_STATEMENT_SECONDS, deadlines.JOB_IDLE_SECONDS),
        "command": (0, 0),  # a migration has no limit
    }[work]
    limits = {
        "statement_timeout": statement * 1000,
        "idle_in_transaction_session_timeout": idle * 1000,
        "client_connection_check_interval": 10_000,
    }
    return [f"-c {name}={value:.0f}" for name, value in limits.items()]


# A broken connection: TCP ends it after half a minute. A silent server: see the deadlines (kit/database).
_LINE = {
    "connect_timeout": deadlines.CONNECT_SECONDS,
    "tcp_user_timeout": 30_000,
    "keepalives_idle": 15,
    "keepalives_interval": 5,
    "keepalives_count": 3,
}
# After a failure the pool connects again on the next request, not after a pause that doubles.
_POOL = {
    "min_size": 1,
    "max_size": 8,
    "timeout": deadlines.POOL_SECONDS,
    "reconnect_timeout": 0,
    "connection_class": Connection,
}


def _email(url: str) -> dict:
    """``smtp://user:password@host:port?tls=starttls|implicit`` as Django's mail settings."""
    parts = urlsplit(url)
    tls = parse_qs(parts.query).get("tls", [""])[0]
    return {
        "EMAIL_HOST": parts.hostname or "localhost",
        "EMAIL_PORT": parts.port or 25,
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_TLS": tls == "starttls",
        "EMAIL_USE_SSL": tls == "implicit",
        "EMAIL_TIMEOUT": 10,  # seconds for each answer; a timeout ends the batch, so it does not add up (notices/outbox.py)
    }


_keys = keys_of(ENVIRONMENT)
SECRET_KEY = _keys.session
crypto.configure_from_secrets(_keys.sealing, _keys.lookup, takes_unbound=ENVIRONMENT.take_unbound)
DEBUG = False
VERSION = __version__
ALLOWED_HOSTS = ENVIRONMENT.hosts
ROOT_URLCONF = "gonghui.config.urls"
WSGI_APPLICATION = "gonghui.config.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
DEFAULT_FROM_EMAIL = SERVER_EMAIL = ENVIRONMENT.mail_from

LANGUAGE_CODE = "zh-hans"
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True
FORMAT_MODULE_PATH = "gonghui.config.formats"

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.contrib.postgres",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "django_htmx",
    "template_partials",
    "pghistory",
    "pgtrigger",
    "procrastinate.contrib.django",
    "gonghui.audit",
    "gonghui.codelists",
    "gonghui.unions",
    "gonghui.accounts",
    "gonghui.policies",
    "gonghui.notices",
    "gonghui.superiors",
    "gonghui.circulars",
    "gonghui.exports",
    "gonghui.reviews",
    "gonghui.attachments",
    "gonghui.imports",
    "gonghui.members",
    "gonghui.filings",
    "gonghui.bookings",
    "gonghui.inspections",
    "gonghui.transfers",
    "gonghui.cards",
    "gonghui.registers",
    "gonghui.publishing",
    "gonghui.statistics",
    "gonghui.national",
    "gonghui.duplicates",
    "gonghui.yearbooks",
    "gonghui.portal",
]
if ENVIRONMENT.demo:
    INSTALLED_APPS.append("gonghui.demo_data")

MIDDLEWARE = [
    # The first three add headers to every response, also to static files and errors.
    "django.middleware.security.SecurityMiddleware",
    "gonghui.kit.middleware.HeadersMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "gonghui.audit.middleware.RequestLogMiddleware",
    "gonghui.kit.middleware.MethodMiddleware",
    "gonghui.kit.middleware.BodyLimitMiddleware",
    "gonghui.accounts.middleware.ProvingSessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "gonghui.kit.middleware.NullCharacterMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "gonghui.kit.middleware.PrivatePagesMiddleware",
    "gonghui.accounts.middleware.SessionLifeMiddleware",
    "gonghui.audit.middleware.AuditMiddleware",
    "gonghui.accounts.middleware.SignInMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "gonghui.accounts.middleware.DutiesMiddleware",
    "gonghui.accounts.middleware.ListSettingsMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "gonghui.kit.lists.ListsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "gonghui.kit.middleware.RefusedMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [PACKAGE / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "builtins": ["gonghui.kit.tags", "template_partials.templatetags.partials"],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "gonghui.portal.context.product",
            ],
        },
    }
]
FORM_RENDERER = "gonghui.kit.forms.Renderer"

_owner_url = ENVIRONMENT.database_owner_url or ENVIRONMENT.database_url
DATABASES = {"default": _database(_owner_url if ENVIRONMENT.database_role == "owner" else ENVIRONMENT.database_url)}
# Above MAX_ENTRIES the cache drops entries early, also those that mark a code of the second factor as used.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "cache",
        "OPTIONS": {"MAX_ENTRIES": 10_000},
    }
}

PROCRASTINATE_ON_APP_READY = "gonghui.kit.database.queue.use"
# kit/jobs.py rescues the jobs of a worker after four missed heartbeats.
PROCRASTINATE_WORKER_DEFAULTS = {"update_heartbeat_interval": 3.0, "stalled_worker_timeout": 12.0}

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["gonghui.accounts.backends.UnionBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "gonghui.accounts.passwords.LengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "gonghui.accounts.passwords.SimilarityValidator"},
    {"NAME": "gonghui.accounts.passwords.GuessableValidator"},
]
if ENVIRONMENT.password_profile == "mlps3":
    AUTH_PASSWORD_VALIDATORS.append({"NAME": "gonghui.accounts.passwords.CompositionValidator"})
PASSWORD_MAX_AGE_DAYS = 90 if ENVIRONMENT.password_profile == "mlps3" else None

LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "portal"
ACCOUNT_ADAPTER = "gonghui.notices.adapter.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_FORMS = {
    "add_email": "gonghui.accounts.forms.NewEmailForm",
    "change_password": "gonghui.accounts.forms.NewPasswordForm",
    "login": "gonghui.accounts.forms.SignInForm",
    "reset_password": "gonghui.accounts.forms.ForgottenForm",
    "signup": "gonghui.filings.registration.form.RegistrationForm",
}
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = False
ACCOUNT_EMAIL_CONFIRMATION_EXPIRE_DAYS = 1
ACCOUNT_CONFIRM_EMAIL_ON_GET = False
ACCOUNT_LOGIN_ON_EMAIL_CONFIRMATION = True
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if ENVIRONMENT.https else "http"
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_RATE_LIMITS = False  # ours are in a table, which drops no entry early: accounts/limits.py
MFA_FORMS = {
    "authenticate": "gonghui.accounts.second_factor.AuthenticateForm",
    "reauthenticate": "gonghui.accounts.second_factor.ReauthenticateForm",
}
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = ENVIRONMENT.title
MFA_ADAPTER = "gonghui.accounts.adapter.MFAAdapter"
USERSESSIONS_TRACK_ACTIVITY = False

# A browser accepts a cookie with the prefix only from this host, over HTTPS, for all paths.
_HOST_ONLY = "__Host-" if ENVIRONMENT.https else ""
SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = f"{_HOST_ONLY}sessionid", f"{_HOST_ONLY}csrftoken"
DEVICE_COOKIE_NAME, LISTS_COOKIE_NAME = f"{_HOST_ONLY}device", f"{_HOST_ONLY}lists"
VIEW_COOKIE_NAME = f"{_HOST_ONLY}view"
WEB_PROCESSES = ENVIRONMENT.web_processes
SESSION_ENGINE = "gonghui.accounts.sessions"
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True  # scripts read no cookie: the page has the CSRF token
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = ENVIRONMENT.https
# Messages contain names: they are stored in the session, not in a readable cookie.
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
CSRF_FAILURE_VIEW = "gonghui.accounts.session_views.csrf_failure"
CSRF_TRUSTED_ORIGINS = [ENVIRONMENT.base_url] if ENVIRONMENT.base_url else []
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = 31536000 if ENVIRONMENT.https else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = ENVIRONMENT.https
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if ENVIRONMENT.proxies else None
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "manifest-src": [SELF],
        "object-src": [NONE],
    }
}

WHITENOISE_ALLOW_ALL_ORIGINS = False
STATIC_URL = "static/"
STATIC_ROOT = ENVIRONMENT.var / "static"
STATICFILES_DIRS = [PACKAGE / "static", ("manual", PACKAGE / "portal" / "manual" / "images")]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "gonghui.kit.static.Storage"},
}

# One workbook of 10 MB and a form's few fields; a larger upload is cut off.
FILE_UPLOAD_HANDLERS = ["gonghui.kit.uploads.BoundedUploadHandler"]
FILE_UPLOAD_PERMISSIONS = 0o600
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 3000  # 1,000 ticked members, or 100 rows of corrections

if ENVIRONMENT.email_url:
    globals().update(_email(ENVIRONMENT.email_url))


LOGGING_CONFIG = None
logs.configure(ENVIRONMENT.log_level)
