import gc

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CoreConfig(AppConfig):
    name = "dure.core"
    label = "core"
    verbose_name = _("Ground")

    def ready(self) -> None:
        # All models of all parts are loaded by now and stay as long as the process: the collector
        # need not walk over them again whenever a request or a batch makes many objects of its own.
        gc.freeze()
