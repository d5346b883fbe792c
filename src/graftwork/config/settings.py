"""Django's settings, made from the workspace that this process runs in."""

import os
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import dj_database_url
import django

from graftwork.apps.keyring import in_environment, keyring_from_environment, read_ring
from graftwork.config.workspace import DatabaseSettings, WebSettings, Workspace, open_workspace


def _session_secret(workspace: Workspace) -> str:
    """Empty where there is no key ring yet: Django then refuses whatever needs it, and `keyring()` says why."""
    if in_environment():
        return keyring_from_environment().session_secret.hex()
    return read_ring(workspace.key_file).session_secret.hex() if workspace.key_file.is_file() else ""


def _database(workspace: Workspace) -> dict[str, Any]:
    chosen: DatabaseSettings = workspace.settings.database
    if chosen.url.startswith("sqlite:///"):
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": workspace.folder / chosen.url.removeprefix("sqlite:///"),
            "OPTIONS": {
                "timeout": chosen.lock_timeout_seconds,
                # A transaction that reads first and writes later fails at once when another one wrote in between.
                "transaction_mode": "IMMEDIATE",
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-32000;",
            },
        }
    database: dict[str, Any] = dict(dj_database_url.parse(chosen.url))
    database["OPTIONS"] = {
        **database.get("OPTIONS", {}),
        "pool": {"min_size": 1, "max_size": chosen.pool_size, "timeout": 10},
        "options": f"-c lock_timeout={int(chosen.lock_timeout_seconds * 1000)}",
    }
    return database


def _allowed_hosts(web: WebSettings) -> list[str]:
    """Only the names that the desk is known by: a page elsewhere must not reach it under a name of its own."""
    if web.public_url:
        return [urlsplit(web.public_url).hostname or "", "localhost", "127.0.0.1", "[::1]"]
    if web.host in ("0.0.0.0", "::"):  # noqa: S104 - compared, not bound
        return ["*"]
    return [web.host, "localhost", "127.0.0.1", "[::1]"]


GRAFTWORK_WORKSPACE = open_workspace()
GRAFTWORK_KEY_FILE = GRAFTWORK_WORKSPACE.key_file
GRAFTWORK_USECASES_FOLDER = GRAFTWORK_WORKSPACE.usecases_folder
GRAFTWORK_EMBED = GRAFTWORK_WORKSPACE.settings.embed
_web = GRAFTWORK_WORKSPACE.settings.web
_https = _web.public_url.startswith("https://")

DEBUG = False
SECRET_KEY = _session_secret(GRAFTWORK_WORKSPACE)
ALLOWED_HOSTS = _allowed_hosts(_web)
CSRF_TRUSTED_ORIGINS = [_web.public_url.rstrip("/")] if _web.public_url else []
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if _https else None
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _https
SESSION_COOKIE_AGE = int(_web.session_hours * 3600)
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
DATA_UPLOAD_MAX_MEMORY_SIZE = _web.max_request_bytes
# An uploaded file is kept in memory until it is sealed, never on the disk.
FILE_UPLOAD_MAX_MEMORY_SIZE = _web.max_request_bytes + 64_000
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.MemoryFileUploadHandler"]
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"

DATABASES = {"default": _database(GRAFTWORK_WORKSPACE)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "accounts.User"
LOGIN_URL = "sign-in"
LOGIN_REDIRECT_URL = "desk:queue"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.ScryptPasswordHasher"]

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_htmx",
    *(["django_tasks"] if django.VERSION < (6, 0) else []),
    "django_tasks_db",
    "graftwork.apps.accounts",
    "graftwork.apps.audit",
    "graftwork.apps.vault",
    "graftwork.apps.jobs",
    "graftwork.apps.traffic",
    "graftwork.apps.knowledge",
    "graftwork.apps.work",
    "graftwork.apps.connectors",
    "graftwork.apps.desk",
    "graftwork.apps.adoption",
    "graftwork.apps.pilots",
]
MIDDLEWARE = [
    "graftwork.config.middleware.SecurityHeaders",
    "django.middleware.security.SecurityMiddleware",
    "graftwork.config.embedding.EmbedOrigins",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "graftwork.config.middleware.ErrorPages",
]
ROOT_URLCONF = "graftwork.config.urls"
ASGI_APPLICATION = "graftwork.config.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [Path(__file__).parent / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": ["default", "connectors"]}}

STATIC_URL = "/static/"
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "graftwork.config.plotly_file.PlotlyFile",
]
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False
WHITENOISE_MAX_AGE = 3600
WHITENOISE_ALLOW_ALL_ORIGINS = False

USE_TZ = True
TIME_ZONE = "UTC"
USE_I18N = False
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": "graftwork.config.logs.HideSecrets",
            "format": "{asctime} {levelname} {name}: {message}",
            "style": "{",
        }
    },
    "handlers": {
        "stderr": {"class": "logging.StreamHandler", "formatter": "line"},
        "nowhere": {"class": "logging.NullHandler"},
    },
    # A stray request under another host's name is answered with 400 and is no event.
    "loggers": {
        "django.security.DisallowedHost": {"handlers": ["nowhere"], "propagate": False},
        # What these say below a warning quotes what is sent, to whom, and how we sign in.
        **{
            name: {"level": "WARNING"}
            for name in ("aiobotocore", "botocore", "fsspec", "imapclient", "paramiko", "s3fs", "sqlalchemy", "urllib3")
        },
    },
    "root": {"handlers": ["stderr"], "level": os.environ.get("GRAFTWORK_LOG_LEVEL", "WARNING")},
}
