"""Limits on how often the API may be asked: each process counts by itself, near and fast."""

from __future__ import annotations

from django.core.cache import caches
from rest_framework.throttling import AnonRateThrottle, UserRateThrottle


class AnonymousRate(AnonRateThrottle):
    cache = caches["near"]


class PersonRate(UserRateThrottle):
    cache = caches["near"]
