"""The persistent scheduler: it remembers when each entry ran, so that a new beat knows what the last one missed.

Comes in: a shelf. Goes out: the same shelf, with what has been sent since.
Next door: ``scheduler`` does everything else; ``shelves`` keeps the shelf, in the lab or in a file.
Celery: ``PersistentScheduler`` in ``celery/beat.py``; the default there and here.
"""

from __future__ import annotations

import dbm
import errno
import logging
import os
from pickle import UnpicklingError
from typing import Any

from labq.beat.scheduler import Scheduler
from labq.beat.shelves import Shelves
from labq.release import mirrored_version

logger = logging.getLogger("celery.beat")

UNREADABLE: tuple[type[Exception], ...] = (KeyError, UnicodeDecodeError, TypeError, UnpicklingError, ValueError)
"""What comes of a shelf whose entries cannot be read, or that is new."""


class PersistentScheduler(Scheduler):
    """A scheduler that keeps its schedule on a shelf.

    Arguments:
        schedule_filename: the shelf's file; None keeps it in the lab, where a rewind can find it.
        args, kwargs: see ``Scheduler``.
    """

    persistence: Any = Shelves()
    known_suffixes = ("", ".db", ".dat", ".bak", ".dir")
    _store: Any = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.schedule_filename = kwargs.get("schedule_filename")
        super().__init__(*args, **kwargs)

    # -- the shelf -----------------------------------------------------------------------------------------------------
    def setup_schedule(self) -> None:
        """Open the shelf, forget it if it was written under another clock, and lay the configuration over it."""
        try:
            self._store = self._open_schedule()
            self._store.keys()  # some files open, and fail when they are first read
        except Exception as exc:  # noqa: BLE001 - each kind of file has errors of its own
            self._store = self._destroy_open_corrupted_schedule(exc)
        self._create_schedule()
        zone, utc = self.app.conf.timezone, self.app.conf.enable_utc
        self._forget_if_changed("tz", zone, "Reset: Timezone changed from %r to %r", lambda value: value)
        self._forget_if_changed(
            "utc_enabled", utc, "Reset: UTC changed from %s to %s", {True: "enabled", False: "disabled"}.get
        )  # fmt: skip
        entries = self._store.setdefault("entries", {})
        self.merge_inplace(self.app.conf.beat_schedule)
        self.install_default_entries(self.schedule)
        self._store.update({"__version__": mirrored_version, "tz": zone, "utc_enabled": utc})
        self.sync()
        if logger.isEnabledFor(logging.DEBUG):
            logger.debug("Current schedule:\n%s", "\n".join(repr(entry) for entry in entries.values()))

    def _forget_if_changed(self, key: str, value: Any, warning: str, say: Any) -> None:
        stored = self._store.get(key)
        if stored is not None and stored != value:
            logger.warning(warning, say(stored), say(value))
            self._store.clear()

    def _create_schedule(self) -> None:
        """Make sure that there are entries; a shelf of an old version, or one that cannot be read, is emptied."""
        for _ in range(2):
            try:
                self._store["entries"]
            except UNREADABLE as exc:
                if isinstance(exc, ValueError):
                    logger.warning(
                        "DB Reset: Cannot load the stored entries, recreating them from beat_schedule: %r", exc
                    )
                try:
                    self._store["entries"] = {}
                except (KeyError, UnicodeDecodeError, TypeError, UnpicklingError, *dbm.error) as failure:
                    self._store = self._destroy_open_corrupted_schedule(failure)
                    continue
            else:
                self._forget_if_old()
            break

    def _forget_if_old(self) -> None:
        for key in ("__version__", "tz", "utc_enabled"):
            if key not in self._store:
                logger.warning("DB Reset: Account for new %s field", key)
                self._store.clear()
                break

    def _open_schedule(self) -> Any:
        return self.persistence.open(self.schedule_filename, writeback=True)

    def _destroy_open_corrupted_schedule(self, exc: Exception) -> Any:
        logger.error("Removing corrupted schedule file %r: %r", self.schedule_filename, exc, exc_info=exc)
        self._remove_db()
        return self._open_schedule()

    def _remove_db(self) -> None:
        if self.app.world.repeating:
            return
        for suffix in self.known_suffixes:
            try:
                os.remove(f"{self.schedule_filename}{suffix}")  # noqa: PTH107 - a name that begins as the user gave it
            except OSError as exc:
                if exc.errno != errno.ENOENT:
                    raise

    # -- the schedule --------------------------------------------------------------------------------------------------
    def get_schedule(self) -> Any:
        """Return the entries on the shelf."""
        return self._store["entries"]

    def set_schedule(self, schedule: Any) -> None:
        """Put other entries on the shelf."""
        self._store["entries"] = schedule

    def sync(self) -> None:
        """Write the shelf down."""
        if self._store is not None:
            self._store.sync()

    def close(self) -> None:
        """Write the shelf down for the last time."""
        failed = True
        try:
            super().close()
            failed = False
        finally:
            if self._store is not None:
                self._close_store(after_failure=failed)

    def _close_store(self, *, after_failure: bool) -> None:
        try:
            self._store.close()
        except Exception:
            if not after_failure:
                raise
            logger.exception("beat: Store cleanup failed after scheduler error")

    @property
    def info(self) -> str:
        """What the start-up banner says about it."""
        return f"    . db -> {self.schedule_filename or self.app.conf.beat_schedule_filename}"
