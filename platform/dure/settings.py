"""Settings of every Dure process; what differs between machines comes from the environment."""

from __future__ import annotations

import os
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import django_stubs_ext
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from dure import env
from dure.embedded.places import Places

# Lets model fields and managers name their types, as the type checker wants them.
django_stubs_ext.monkeypatch()

PROJECT_DIR = Path(__file__).resolve().parents[2]

VAR_DIR = Path(env.text("DURE_VAR", str(PROJECT_DIR / "var"))).resolve()
PLACES = Places.below(VAR_DIR)

DEBUG = env.flag("DURE_DEBUG", False)
# On a laptop the web server listens where PORT says.
PUBLIC_URL = env.text("DURE_PUBLIC_URL", f"http://127.0.0.1:{os.environ.get('PORT', '8000')}")
# Who answers for what is published.
ORGANISATION = env.text("DURE_ORGANISATION", "Dure")
_ADDRESS = env.text("DURE_ORGANISATION_ADDRESS")
ORGANISATION_ADDRESS = _ADDRESS or "110 Sejong-daero, Jung-gu, Seoul"
# For readers of Korean; a city that gives one address only has it in both languages.
ORGANISATION_ADDRESS_KO = (
    env.text("DURE_ORGANISATION_ADDRESS_KO") or _ADDRESS or "서울특별시 중구 세종대로 110"
)
CONTACT_EMAIL = env.text("DURE_CONTACT_EMAIL", "data@dure.example")
CONTACT_PHONE = env.text("DURE_CONTACT_PHONE", "+82-2-120")
# Where the city has published its impact assessments; empty while it has not.
DPIA_URL = env.text("DURE_DPIA_URL")
AIA_URL = env.text("DURE_AIA_URL")
ALLOWED_HOSTS = env.words("DURE_ALLOWED_HOSTS", "127.0.0.1,localhost,[::1],testserver")
CSRF_TRUSTED_ORIGINS = env.words("DURE_TRUSTED_ORIGINS")
# Cookies and redirects insist on TLS wherever the portal is served over https.
SECURE = PUBLIC_URL.startswith("https://")
TIME_ZONE = "Asia/Seoul"
USE_TZ = True

# Secrets: given by the environment, or made once in the var folder (mode 0600) on a laptop.
SECRET_KEY = env.text("DURE_SECRET_KEY") or PLACES.secret("django")
KEK = env.text("DURE_KEK") or PLACES.secret("kek")
LOG_ORIGIN = env.text("DURE_LOG_ORIGIN", "dure.example/log")
LOG_SIGNING_KEY = env.text("DURE_LOG_SIGNING_KEY") or PLACES.secret("log-signing")
# Later keys of the log, and the last signed head: kept apart from the database and its backups,
# the head best on another disk.
LOG_KEYS = Path(env.text("DURE_LOG_KEYS", str(VAR_DIR / "log-keys")))
LOG_ANCHOR_DIR = Path(env.text("DURE_LOG_ANCHOR_DIR", str(VAR_DIR / "log-anchor")))
# Who cosigns the log: "URL VERIFIER_KEY", one a line or between commas; how many have to.
LOG_WITNESSES = env.words("DURE_LOG_WITNESSES")
LOG_QUORUM = env.number("DURE_LOG_QUORUM", 0)
RECEIPT_SIGNING_KEY = env.text("DURE_RECEIPT_SIGNING_KEY") or PLACES.secret("receipt-signing")

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django_htmx",
    "csp",
    "rest_framework",
    "drf_spectacular",
    "dure.core",
    "dure.accounts",
    "governance",
    "contributions",
    "rewards",
    "portal",
    "demo",
    # After the portal, whose templates stand in place of theirs.
    "allauth",
    "allauth.account",
    "allauth.mfa",
]

MIDDLEWARE = [
    "dure.accounts.request_log.RequestLog",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "dure.core.reader_language.ReaderLanguage",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "portal.public.errors.FormOnly",
    "portal.public.errors.OnlyText",
]

ROOT_URLCONF = "dure.urls"
WSGI_APPLICATION = "dure.wsgi.application"
ASGI_APPLICATION = "dure.asgi.application"

TEMPLATES: list[dict[str, Any]] = [  # Any: Django's own shape
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    }
]


def database(url: str) -> dict[str, Any]:  # Any: Django's own shape
    """Django's description of ``postgresql://user:password@host:port/name``.

    A socket folder is named as libpq does: ``postgresql://user@/name?host=/run/postgresql``.
    """
    parts = urlsplit(url)
    socket = parse_qs(parts.query).get("host", [""])[0]
    if parts.scheme not in ("postgres", "postgresql"):
        raise ImproperlyConfigured("DURE_DATABASE_URL must start with postgresql://")
    return {
        "NAME": unquote(parts.path.lstrip("/")) or "dure",
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": socket or parts.hostname or "",
        "PORT": str(parts.port or ""),
    }


DATABASE_URL = env.text("DURE_DATABASE_URL")
# Whom the tables belong to: asked for by the commands that change them, by nothing else.
DATABASE_OWNER_URL = env.text("DURE_DATABASE_OWNER_URL")
OWNER_COMMANDS = (["migrate"], ["grant_app_role"])
if DATABASE_OWNER_URL and sys.argv[1:2] in OWNER_COMMANDS:
    DATABASE_URL = DATABASE_OWNER_URL
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        **(
            database(DATABASE_URL)
            if DATABASE_URL
            else {"NAME": "dure", "USER": "dure", "HOST": str(PLACES.postgres_socket)}
        ),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "ATOMIC_REQUESTS": False,
        "OPTIONS": {"options": "-c lock_timeout=15s -c statement_timeout=600s"},
    }
}
# Off behind a pooler that gives each transaction another session.
PREPARED_STATEMENTS = env.flag("DURE_PREPARED_STATEMENTS", True)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

BROKER_URL = env.text("DURE_BROKER_URL") or f"redis+socket://{PLACES.broker_socket}"
# Without nudges everything still happens, a few seconds later, by the clock.
NUDGE = env.flag("DURE_NUDGE", True)
# Replacements of the key that wraps data keys; every machine sees the same folder.
KEYRING = Path(env.text("DURE_KEYRING", str(VAR_DIR / "keyring")))
# Who was erased, kept apart from the database and its backups.
TOMBSTONES = Path(env.text("DURE_TOMBSTONES", str(VAR_DIR / "tombstones.jsonl")))
BLOB_DIR = Path(env.text("DURE_BLOB_DIR", str(VAR_DIR / "blobs")))

AUTH_USER_MODEL = "accounts.Person"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
LOGIN_URL = "portal:login"
LOGIN_REDIRECT_URL = "portal:home"
LOGOUT_REDIRECT_URL = "portal:home"
SESSION_COOKIE_AGE = int(timedelta(hours=12).total_seconds())

# Accounts: an e-mail address that was confirmed, then a password, a code or a passkey.
ACCOUNT_ADAPTER = "portal.public.accounts.adapter.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1"]
ACCOUNT_FORMS = {
    name: f"portal.public.accounts.forms.{form}"
    for name, form in {
        "login": "LoginForm",
        "signup": "SignupForm",
        "add_email": "NewAddressForm",
        "change_password": "ChangePasswordForm",
        "set_password": "SetPasswordForm",
        "reset_password": "RecoveryForm",
        "reset_password_from_key": "RecoveredPasswordForm",
        "confirm_password_reset_code": "RecoveryCodeForm",
        "confirm_email_verification_code": "AddressCodeForm",
        "request_login_code": "RequestCodeForm",
        "confirm_login_code": "LoginCodeForm",
        "reauthenticate": "OncePasswordForm",
    }.items()
}
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_RESEND = True
ACCOUNT_PASSWORD_RESET_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_SUPPORTS_RESEND = True
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 600
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if SECURE else "http"
MFA_ADAPTER = "portal.public.accounts.second_step.SecondStepAdapter"
MFA_FORMS = {
    "authenticate": "portal.public.accounts.forms.SecondStepForm",
    "reauthenticate": "portal.public.accounts.forms.OnceCodeForm",
    "activate_totp": "portal.public.accounts.forms.AppForm",
    "add_webauthn": "portal.public.accounts.forms.PasskeyForm",
    "edit_webauthn": "portal.public.accounts.forms.PasskeyNameForm",
}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_RECOVERY_CODES_SHOW_ONCE = False
MFA_TOTP_TOLERANCE = 1
# On a laptop there is no TLS; browsers let passkeys work there for "localhost" alone.
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not SECURE
# Whoever works for the city, or examines it, needs more than a password.
STAFF_SECOND_STEP = env.flag("DURE_STAFF_SECOND_STEP", SECURE)

# Letters: "files" (a folder below var), "console", or smtp://user:password@host:587 and smtps://.
EMAIL_URL = env.text("DURE_EMAIL_URL", "files")
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env.text("DURE_EMAIL_FROM", f"{ORGANISATION} <{CONTACT_EMAIL}>")
EMAIL_FILE_PATH = str(VAR_DIR / "mail")
EMAIL_TIMEOUT = 20


def email_settings(url: str) -> dict[str, Any]:  # Any: Django's own values
    """Django's ``EMAIL_*`` for ``files``, ``console``, ``smtp://…`` (STARTTLS) or ``smtps://…``."""
    if url in ("files", "console"):
        kind = "filebased" if url == "files" else "console"
        return {"EMAIL_BACKEND": f"django.core.mail.backends.{kind}.EmailBackend"}
    parts = urlsplit(url)
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
        raise ImproperlyConfigured("DURE_EMAIL_URL is files, console, smtp://… or smtps://…")
    wrapped = parts.scheme == "smtps"
    # Only to a relay on this machine does a letter go without TLS.
    local = parts.hostname in ("localhost", "127.0.0.1", "::1")
    return {
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_HOST": parts.hostname,
        "EMAIL_PORT": parts.port or (465 if wrapped else 587),
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_SSL": wrapped,
        "EMAIL_USE_TLS": not wrapped and not local,
    }


globals().update(email_settings(EMAIL_URL))

# Counters that have to hold across processes; what each process may count by itself stays near.
CACHES = {
    "default": {
        "BACKEND": "dure.core.shared_counters.SharedCounters",
        "LOCATION": "accounts_shared_counter",
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    },
    "near": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "near"},
}

LANGUAGE_CODE = "ko"
LANGUAGES = [("ko", _("Korean")), ("en", _("English"))]
USE_I18N = True
USE_THOUSAND_SEPARATOR = False
# Before those of Django and other libraries, who say "Remove" and "History" in their own way.
LOCALE_PATHS = [
    PROJECT_DIR / room / "locale"
    for room in ("platform/portal", "rewards", "contributions", "governance", "platform/dure")
]

STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
MEDIA_ROOT = ""

# Whether news may be sent to this machine itself: for a demo and for tests, never in earnest.
WEBHOOK_LOOPBACK = env.flag("DURE_WEBHOOK_LOOPBACK", False)

# What a person may send in one request; larger uploads stream to disk.
UPLOAD_SIZE_MAX = env.number("DURE_UPLOAD_SIZE_MAX", 200 * 1024 * 1024)
# Uploads in pieces: how many a person may have open, and hours from the last piece to the end.
UPLOADS_OPEN_MAX = env.number("DURE_UPLOADS_OPEN_MAX", 10)
UPLOAD_HOURS = env.number("DURE_UPLOAD_HOURS", 24)
# Files above this many rows are judged on Spark, where a master is named; the folder for them must
# be one that its executors see too.
SPARK_MASTER = env.text("DURE_SPARK_MASTER", "")
SPARK_ROWS = env.number("DURE_SPARK_ROWS", 1_000_000)
SPARK_DIR = Path(env.text("DURE_SPARK_DIR", str(VAR_DIR / "spark")))
# How many days the file of a returned contribution is kept to be corrected.
CORRECTION_DAYS = env.number("DURE_CORRECTION_DAYS", 14)
# Photos that stand beside a contribution: bytes of one, how many, and bytes of one request.
PHOTO_SIZE_MAX = env.number("DURE_PHOTO_SIZE_MAX", 20 * 1024 * 1024)
PHOTOS_MAX = env.number("DURE_PHOTOS_MAX", 12)
PHOTO_REQUEST_MAX = env.number("DURE_PHOTO_REQUEST_MAX", 64 * 1024 * 1024)
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
# The longest form is that of a call with its columns and checks.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000

SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_SSL_REDIRECT = SECURE
SECURE_HSTS_SECONDS = 31_536_000 if SECURE else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE
SECURE_HSTS_PRELOAD = SECURE
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "portal.public.errors.csrf_failure"
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
    }
}

# How many proxies of our own stand before the portal: what they say of a sender is believed.
TRUSTED_PROXIES = ALLAUTH_TRUSTED_PROXY_COUNT = env.number("DURE_TRUSTED_PROXIES", 0)
# Requests in a second, minute or hour, such as 600/min.
RATE_LIMITS = {
    "stranger": env.text("DURE_RATE_ANONYMOUS", "600/min"),
    "person": env.text("DURE_RATE_PERSON", "1200/min"),
    "key": env.text("DURE_RATE_KEY", "1200/min"),
    "test-key": env.text("DURE_RATE_TEST_KEY", "300/min"),
    "claim": env.text("DURE_RATE_CLAIM", "20/hour"),
    "unsent": env.text("DURE_RATE_UNSENT", "60/hour"),
}

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "dure.accounts.authentication.ApiKeyAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["dure.core.strict_json.StrictJSONParser"],
    "DEFAULT_PAGINATION_CLASS": "dure.core.pagination.CursorPages",
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_METADATA_CLASS": "dure.core.allowed_methods.AllowedMethods",
    "EXCEPTION_HANDLER": "dure.core.problem_handler.problem_response",
    "DEFAULT_THROTTLE_CLASSES": ["dure.accounts.rate_limits.RateLimit"],
    "NUM_PROXIES": TRUSTED_PROXIES,
    "COERCE_DECIMAL_TO_STRING": True,
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Dure API",
    "DESCRIPTION": "Contribute city data, see what it earned and verify both.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "COMPONENT_SPLIT_REQUEST": True,
    "ENFORCE_NON_BLANK_FIELDS": True,
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "dure.core.openapi_document.document_refusals",
        "dure.core.openapi_document.say_null",
    ],
    # Several documents have a member "state", each with states of its own.
    "ENUM_NAME_OVERRIDES": {
        "ConsentState": "governance.models.ConsentState",
        "ContributionState": "contributions.models.contributions.State",
        "RequestState": "governance.models.RequestState",
        "ReleaseState": "contributions.models.releases.ReleaseState",
        "ReleaseKind": "contributions.models.releases.ReleaseKind",
        "RightKind": "governance.models.RightKind",
        "EpochState": "rewards.models.epochs.EpochState",
        "RedemptionState": "rewards.models.redemptions.RedemptionState",
        "PayoutBatchState": "rewards.models.payouts.BatchState",
        "PayoutItemState": "rewards.models.payouts.ItemState",
        "TreasuryRuleState": "rewards.api.payout_shapes.RULE_STATES",
        "BookMonthState": "rewards.api.books.MONTH_STATES",
        "UnclaimedState": "rewards.api.shapes.UNCLAIMED_STATES",
        "AuditCaseState": "governance.api.case_shapes.CASE_STATES",
        "AuditSubjectKind": "governance.api.case_shapes.SUBJECT_KINDS",
        "FindingKind": "governance.models.FindingKind",
        "FindingSeverity": "governance.models.Severity",
        "FindingAnswerOutcome": "governance.models.AnswerOutcome",
        "OutcomeEnum": "governance.api.rights_serializers.OUTCOME_CHOICES",
        "AuditReplayOutcome": "governance.models.ReplayOutcome",
        "WebhookEndpointState": "dure.accounts.api.webhooks.ENDPOINT_STATES",
        "WebhookMessageState": "dure.accounts.api.webhooks.MESSAGE_STATES",
    },
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"()": "dure.core.log_lines.formatter"}},
    "filters": {"route": {"()": "dure.core.log_lines.RouteForPath"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env.text("DURE_LOG_LEVEL", "INFO")},
    "loggers": {
        "django.server": {"handlers": ["console"], "level": "WARNING", "propagate": False},
        "django.request": {"filters": ["route"]},
        "django.security.csrf": {"filters": ["route"]},
        "great_expectations": {"level": "WARNING"},
    },
}

# Great Expectations phones home unless told not to.
os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")

env.refuse_unknown()
