"""The WSGI entry point that granian serves."""

import os

from django.core.wsgi import get_wsgi_application
from ua_parser import parse

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "personalization.config.settings")
application = get_wsgi_application()
# The patterns of browsers take half a second to load, which is not to be the first visitor's.
parse("Mozilla/5.0")
