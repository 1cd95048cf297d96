"""The ASGI entry point."""

from __future__ import annotations

import os

from django.core.asgi import get_asgi_application

from dure.light import stay_light

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dure.settings")
stay_light()

application = get_asgi_application()
