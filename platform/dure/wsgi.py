"""The WSGI entry point, for Granian or any other server."""

from __future__ import annotations

import os
from importlib import import_module

from django.core.wsgi import get_wsgi_application

from dure.light import stay_light

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dure.settings")
stay_light()

application = get_wsgi_application()
# Models can only be imported once every application is there.
import_module("dure.core.health").refuse_unready()
