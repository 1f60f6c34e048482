"""The WSGI entry point that granian serves."""

import gc
import os

from django.core.wsgi import get_wsgi_application
from ua_parser import parse

COLLECT_EVERY = 10_000  # objects that are not gone by themselves

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "personalization.config.settings")
application = get_wsgi_application()
# The patterns of browsers take half a second to load, which is not to be the first visitor's.
parse("Mozilla/5.0")
# What is loaded now stays: looking through all of it for circles would hold everybody up. And a
# batch of events must not be looked through while it grows.
gc.freeze()
gc.set_threshold(COLLECT_EVERY)
