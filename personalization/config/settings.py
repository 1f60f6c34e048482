"""Settings of every installation, read from the environment; nothing is started here."""

from pathlib import Path

import django_stubs_ext
from environs import Env

from personalization.config.admin_look import ADMIN_LOOK
from personalization.config.page_policy import content_security_policy

# Lets `ModelForm[Item]` and its like be written at run time as type checkers read them.
django_stubs_ext.monkeypatch()

env = Env()
BASE_DIR = Path(__file__).resolve().parent.parent.parent
VAR_DIR = env.path("VAR_DIR", BASE_DIR / "var")

SECRET_KEY = env.str("SECRET_KEY")
# Pseudonyms and receipts outlive a change of SECRET_KEY, so each has a key of its own.
PSEUDONYM_KEY = env.str("PSEUDONYM_KEY")
RECEIPT_KEY = env.str("RECEIPT_KEY")
# Direct identifiers are encrypted under the first of these; the others are for what is older.
# Each reads key-id:32 bytes in base64. `manage.py rotate_vault_keys` brings all under the first.
VAULT_KEYS: list[str] = env.list("VAULT_KEYS")
DEBUG = env.bool("DEBUG", False)
ALLOWED_HOSTS: list[str] = env.list("ALLOWED_HOSTS", [])
# Shows the profile switcher of the demo's shop.
DEMO = env.bool("DEMO", False)

INSTALLED_APPS = [
    "unfold",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "csp",
    "rest_framework",
    "rest_framework_api_key",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "consent",
    "catalog",
    "personalization.access",
    "personalization.identifiers",
    "personalization.streams",
    "personalization.outbound",
    "personalization.vault",
    "personalization.events",
    "personalization.doors",
    "personalization.profiles",
    "personalization.linkage",
    "personalization.rules",
    "personalization.census",
    "personalization.segments",
    "personalization.learning",
    "personalization.recommender",
    "personalization.content",
    "personalization.experiments",
    "personalization.activation",
    "personalization.decisions",
    "personalization.connectors",
    "personalization.pipeline",
    "personalization.insights",
    "personalization.config",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "consent.middleware.ConsentMiddleware",
    "personalization.decisions.middleware.VisitorMiddleware",
    "personalization.config.admin_addresses.AdminAddressMiddleware",
    "personalization.config.admin_characters.AdminCharactersMiddleware",
]

ROOT_URLCONF = "personalization.config.urls"
WSGI_APPLICATION = "personalization.config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

UNFOLD = ADMIN_LOOK

# Stores
DATABASES = {"default": env.dj_db_url("DATABASE_URL", conn_max_age=600, conn_health_checks=True)}
REDIS_URL = env.str("REDIS_URL")
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
# A page waits this long for Redis before it shows its fallbacks.
REDIS_TIMEOUT_SECONDS = env.float("REDIS_TIMEOUT_SECONDS", 0.25)
EVENT_SHARDS = env.int("EVENT_SHARDS", 4)
ARTIFACT_DIR = env.path("ARTIFACT_DIR", VAR_DIR / "artifacts")

# Background work
CELERY_BROKER_URL = env.str(
    "CELERY_BROKER_URL",
    REDIS_URL.replace("unix://", "redis+socket://").replace("?db=", "?virtual_host="),
)
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
TRAINING_SEED = 20260101

# Which stores hold personal data, and who can say which profiles a person has.
PERSONAL_DATA_STORES = [
    "consent.choices_store.ChoicesStore",
    "personalization.activation.personal_data.ActivationStore",
    "personalization.events.personal_data.EventStore",
    "personalization.events.personal_data.WaitingEvents",
    "personalization.events.personal_data.RefusedEvents",
    "personalization.recommender.personal_data.RepresentationStore",
    "personalization.segments.personal_data.ListStore",
    "personalization.linkage.personal_data.CandidateStore",
    "personalization.vault.personal_data.VaultStore",
    "personalization.profiles.personal_data.ProfileStore",
    "personalization.census.personal_data.CensusStore",
]
# What is sealed under the master key itself; `manage.py rotate_vault_keys` seals it anew.
SEALED_COLUMNS = [
    "personalization.activation.confiding.SECRETS",
    "personalization.activation.confiding.PROPOSED",
    "personalization.connectors.confiding.SECRETS",
    "personalization.events.setting_apart.SEALED",
]
PERSON_RESOLVER = "personalization.profiles.resolving.resolve_person"

# Who finds what is wrong in what marketers have made.
LINTERS = [
    "personalization.segments.checking.check_segments",
    "personalization.content.checking.check_activities",
]
# Who can say which segments are in use.
SEGMENT_USES = [
    "personalization.segments.using.named_by_segments",
    "personalization.content.using.segments_of_activities",
    "personalization.activation.using.segments_listened_to",
]
# Who knows what follows when somebody enters or leaves a segment.
CONSEQUENCES = ["personalization.activation.following.what_follows"]
# Who can say in sentences what is live, section by section.
DESCRIPTIONS = {
    "segments": "personalization.segments.differing.describe_segment",
    "activities": "personalization.content.describing.describe_activity",
    "placements": "personalization.content.describing.describe_placement",
}
# Who can say what a second person sees of an entry as it is saved, section by section.
SAVED_DEFINITIONS = {
    "segments": "personalization.segments.models.segment.saved_definition",
    "activities": "personalization.content.publishing.saved_activity",
    "placements": "personalization.content.publishing.saved_placement",
}

# A storefront's own facts and operators for rules, as dotted paths of classes.
SEGMENT_FACTS: list[str] = []
SEGMENT_OPERATORS: list[str] = []
# Seconds a request waits for what was just published before it goes on with what was live before.
RULESET_PATIENCE = env.float("RULESET_PATIENCE", 0.0)

# Visitors
LANGUAGE_CODE = "en-gb"
TIME_ZONE = "UTC"
USE_TZ = True
STATIC_URL = "static/"
STATIC_ROOT = VAR_DIR / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
LOGIN_URL = "admin:login"
LOGIN_REDIRECT_URL = "admin:index"

# Security: strict unless told that there is no HTTPS, as on a laptop.
HTTPS = env.bool("HTTPS", True)
SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
SECURE_PROXY_SSL_HEADER = (
    ("HTTP_X_FORWARDED_PROTO", "https") if env.bool("BEHIND_PROXY", False) else None
)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
CSRF_FAILURE_VIEW = "personalization.config.errors.foreign"
# Where the pictures of items may be loaded from, such as https://cdn.shop.example; tiles are drawn
# for the items of which there is none.
IMAGE_ORIGINS: list[str] = env.list("IMAGE_ORIGINS", [])
CONTENT_SECURITY_POLICY = content_security_policy(image_origins=IMAGE_ORIGINS)
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]

# API
# The key a page sends its own visitor's events with; it is public and may do nothing else.
COLLECT_KEY = env.str("COLLECT_KEY", "")
# Sites that may send with the browser script from pages of their own, such as https://shop.example.
COLLECT_ORIGINS: list[str] = env.list("COLLECT_ORIGINS", [])
# A MaxMind file (GeoLite2-City.mmdb); and the header in which a CDN that every request passes
# writes the country, such as CF-IPCountry. Empty: the place of a visitor is not known.
GEOIP_DATABASE = env.str("GEOIP_DATABASE", "")
COUNTRY_HEADER = env.str("COUNTRY_HEADER", "")
EVENT_BATCH_BYTES = 500_000
CURRENCY = env.str("CURRENCY", "GBP")  # of all sums, and of events that state none
EVENT_BATCH_COUNT = 1_000
# Requests a minute; 0 is no limit. Of keys that pages show to everybody each address is counted by
# itself, so NUM_PROXIES must say how many proxies of your own stand before this project.
REQUESTS_A_MINUTE_BY_KEY = env.int("REQUESTS_A_MINUTE_BY_KEY", 120_000)
REQUESTS_A_MINUTE_BY_ADDRESS = env.int("REQUESTS_A_MINUTE_BY_ADDRESS", 6_000)
# Whole months of events are dropped when all of them is older than this; 0 keeps events for ever.
EVENTS_KEPT_MONTHS = env.int("EVENTS_KEPT_MONTHS", 0)
# Accepted events that cannot be stored wait so long for somebody to send them back.
DEAD_LETTERS_KEPT_DAYS = env.int("DEAD_LETTERS_KEPT_DAYS", 90)
# So many refused events are kept of one day; a sender gone wild must not fill the disk.
EVENT_REFUSED_KEPT_A_DAY = env.int("EVENT_REFUSED_KEPT_A_DAY", 200_000)
# Where the item's id stands in the products of Segment and GA4 events: the first that is there.
EVENT_ITEM_ID_FIELDS: list[str] = env.list(
    "EVENT_ITEM_ID_FIELDS", ["item_id", "product_id", "id", "sku"]
)
# How often segments that something listens to are recalculated, for what time alone changes.
SEGMENT_RECALCULATION_MINUTES = env.int("SEGMENT_RECALCULATION_MINUTES", 15)
# A destination that failed so often in a row is not tried any more.
DESTINATION_FAILURES = env.int("DESTINATION_FAILURES", 50)
# Transitions, deliveries and firings of triggers are kept so long after they are over.
ACTIVATION_KEPT_DAYS = env.int("ACTIVATION_KEPT_DAYS", 30)
# Transitions that the stream keeps for systems that read it, about so many.
TRANSITIONS_KEPT = env.int("TRANSITIONS_KEPT", 100_000)
# Celery tasks that a marketer may have run when somebody enters a segment.
TRIGGER_TASKS: list[str] = env.list("TRIGGER_TASKS", [])
# Who is told by mail when something stops working.
ADMINS: list[tuple[str, str]] = [("", one) for one in env.str("ADMINS", "").split(",") if one]
EMAIL_HOST = env.str("EMAIL_HOST", "localhost")
EMAIL_PORT = env.int("EMAIL_PORT", 25)
EMAIL_TIMEOUT = 10
# Private networks that connectors may reach, such as 10.1.0.0/16; public addresses always.
CONNECTOR_NETWORKS: list[str] = env.list("CONNECTOR_NETWORKS", [])
# Certificates of an authority of one's own, for systems in those networks.
CONNECTOR_CA_FILE = env.str("CONNECTOR_CA_FILE", "")
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_500_000
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5_000  # of a rule of a hundred conditions in groups
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["personalization.access.keys.ApiKeyAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["personalization.access.keys.HasScope"],
    "DEFAULT_THROTTLE_CLASSES": ["personalization.access.throttling.RequestThrottle"],
    "DEFAULT_PARSER_CLASSES": ["personalization.access.parsing.StrictJSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["personalization.access.rendering.OrjsonRenderer"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "personalization.access.errors.as_response",
    "UNAUTHENTICATED_USER": None,
    "NUM_PROXIES": env.int("NUM_PROXIES", 0),
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Personalization API",
    "DESCRIPTION": "Send events, ask for decisions and recommendations, exercise privacy rights.",
    "VERSION": "1",
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SERVE_INCLUDE_SCHEMA": False,
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"()": "personalization.config.masking_logs.MaskingFormatter"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", "INFO")},
}
