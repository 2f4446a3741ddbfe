"""Real Celery opens a schedule file, says what is in it, counts a thousand runs more, and writes it back."""

# ruff: noqa: T201 - it answers on its standard output

import sys

from celery import Celery
from celery.beat import PersistentScheduler
from celery.schedules import crontab

app = Celery("proj", broker="memory://", backend="cache+memory://")
app.conf.beat_schedule = {
    "ten": {"task": "t", "schedule": 10, "args": (1,)},
    "noon": {"task": "t", "schedule": crontab(0, 12)},
}
scheduler = PersistentScheduler(app=app, schedule_filename=sys.argv[1])
for name, entry in sorted(scheduler.schedule.items()):
    print(name, f"{type(entry).__module__}.{type(entry).__name__}", entry.total_run_count, entry.schedule)
    entry.total_run_count += 1000
scheduler.close()
