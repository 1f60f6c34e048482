"""All addresses, room by room."""

from django.contrib import admin
from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerView

from personalization.config.health import healthz, readyz

api = [
    path("", include("personalization.events.api_urls")),
    path("", include("personalization.decisions.api_urls")),
    path("", include("personalization.segments.api_urls")),
    path("", include("personalization.activation.api_urls")),
    path("", include("personalization.profiles.api_urls")),
    path("", include("consent.api_urls")),
    path("", include("catalog.api_urls")),
]

urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("readyz", readyz, name="readyz"),
    path("admin/segments/", include("personalization.segments.urls")),
    path("admin/", admin.site.urls),
    path("api/schema", SpectacularAPIView.as_view(), name="schema"),
    path("api/docs", SpectacularSwaggerView.as_view(), name="docs"),
    path("api/v1/", include(api)),
    path("", include("personalization.doors.segment_urls")),
    path("", include("personalization.connectors.urls")),
    path("", include("personalization.doors.ga4_urls")),
    path("", include("personalization.doors.pixel_urls")),
    path("", include("personalization.doors.browser_urls")),
    path("", include("personalization.decisions.script_urls")),
    path("", include("consent.well_known_urls")),
    path("privacy/", include("consent.urls")),
    path("", include("personalization.decisions.urls")),
    path("", include("catalog.urls")),
]

handler400 = "personalization.config.errors.refused"
handler403 = "personalization.config.errors.forbidden"
handler404 = "personalization.config.errors.not_found"
handler500 = "personalization.config.errors.failed"
