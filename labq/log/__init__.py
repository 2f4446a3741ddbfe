"""The log room: one immutable record for each thing that happened in the lab.

Comes in: facts from every room of the machine. Goes out: records, to whoever looks. Nobody changes a record.
Next door: below, ``labq.kernel`` gives the time; above, ``labq.snapshot`` folds records into pictures.
Celery: its monitoring events tell a part of this to those who listen; the log tells all of it, always.
"""

from labq.log.log import Log
from labq.log.record import KINDS, Kind, Record

__all__ = ["KINDS", "Kind", "Log", "Record"]
