"""The Celery application; rooms register their tasks and their place in the schedule."""

import os

from celery import Celery
from celery.schedules import crontab

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "personalization.config.settings")

app = Celery("personalization")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.conf.beat_schedule = {
    "retrain-recommender": {
        "task": "personalization.recommender.tasks.retrain_recommender",
        "schedule": crontab(hour=3, minute=10, day_of_week="mon"),
    },
    "keep-vectors-warm": {
        "task": "personalization.recommender.tasks.keep_vectors_warm",
        "schedule": 60.0,
    },
    # For a Redis that was away when something was published, or has lost its memory.
    "announce-publication": {
        "task": "personalization.segments.tasks.announce_publication",
        "schedule": 60.0,
    },
    "publish-scheduled": {
        "task": "personalization.segments.tasks.publish_scheduled",
        "schedule": 20.0,
    },
    "tell-waiting-lists": {
        "task": "personalization.segments.tasks.tell_waiting_lists",
        "schedule": 600.0,
    },
    # Counts are exact without them; rows that are not current only cost time.
    "keep-census-current": {
        "task": "personalization.census.tasks.keep_census_current",
        "schedule": 5.0,
        # Whoever comes too late has nothing to do that the next does not do.
        "options": {"expires": 5.0},
    },
    "choose-census-facts": {
        "task": "personalization.segments.tasks.choose_census_facts",
        "schedule": 300.0,
    },
    "read-lost-uploads": {
        "task": "personalization.segments.tasks.read_lost_uploads",
        "schedule": 60.0,
    },
    "announce-identifier-kinds": {
        "task": "personalization.identifiers.tasks.announce_identifier_kinds",
        "schedule": 60.0,
    },
    # Before sizes are recorded: segments may ask for scores.
    "score-profiles": {
        "task": "personalization.profiles.tasks.score",
        "schedule": crontab(hour=2, minute=10),
    },
    "record-segment-sizes": {
        "task": "personalization.segments.tasks.record_segment_sizes",
        "schedule": crontab(hour=2, minute=40),
    },
    "run-due-connections": {
        "task": "personalization.connectors.tasks.run_due_connections",
        "schedule": 60.0,
    },
    "forget-expired-traits": {
        "task": "personalization.profiles.tasks.forget_expired_traits",
        "schedule": crontab(hour=1, minute=20),
    },
    "forget-old-events": {
        "task": "personalization.profiles.tasks.forget_events",
        "schedule": crontab(hour=0, minute=40),
    },
    "delete-old-dead-letters": {
        "task": "personalization.events.tasks.delete_old_dead_letters",
        "schedule": crontab(hour=0, minute=50),
    },
    "pass-news-on": {
        "task": "personalization.activation.tasks.pass_news_on",
        "schedule": 10.0,
    },
    "deliver-news": {
        "task": "personalization.activation.tasks.deliver",
        "schedule": 10.0,
    },
    "delete-old-news": {
        "task": "personalization.activation.tasks.delete_old_news",
        "schedule": crontab(hour=1, minute=50),
    },
    "recalculate-watched-segments": {
        "task": "personalization.activation.tasks.recalculate_segments",
        "schedule": 60.0,
    },
    "push-audiences": {
        "task": "personalization.activation.tasks.push_audiences",
        "schedule": 60.0,
    },
    "announce-standards": {
        "task": "personalization.events.tasks.announce_standards",
        "schedule": 60.0,
    },
    "delete-old-refused-events": {
        "task": "personalization.events.tasks.delete_old_refused_events",
        "schedule": crontab(minute=20),
    },
    "learn-what-is-usual": {
        "task": "personalization.events.tasks.learn_what_is_usual",
        "schedule": crontab(hour=3, minute=40),
    },
    "compute-quality": {
        "task": "personalization.insights.tasks.compute_quality",
        "schedule": crontab(hour=4, minute=10),
    },
    "watch-for-silence": {
        "task": "personalization.insights.tasks.watch_for_silence",
        "schedule": crontab(minute="*/15"),
    },
    "resume-privacy-requests": {
        "task": "consent.tasks.resume_requests",
        "schedule": 60.0,
    },
}
