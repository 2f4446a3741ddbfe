"""The snapshot room: what the world looked like after the first *n* records.

Comes in: records. Goes out: frozen pictures of the world (``Snapshot``), intervals for plots, and the reason why a task
is not ready. Nothing here can change the lab, so looking back is always safe.
Next door: below, ``labq.log`` has the records; above, ``labq.views`` draws the snapshots.
Celery: ``celery/events/state.py`` rebuilds a part of this from monitoring events.
"""

from labq.snapshot.fold import Fold, fold
from labq.snapshot.model import Snapshot, Stage
from labq.snapshot.series import Stream, depths, stream
from labq.snapshot.why import Why, explain

__all__ = ["Fold", "Snapshot", "Stage", "Stream", "Why", "depths", "explain", "fold", "stream"]
