"""The ASGI entry point."""

from __future__ import annotations

import os
from importlib import import_module

from django.core.asgi import get_asgi_application

from dure.light import stay_light

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dure.settings")
stay_light()

application = get_asgi_application()
# Models can only be imported once every application is there.
import_module("dure.core.health").refuse_unready()
