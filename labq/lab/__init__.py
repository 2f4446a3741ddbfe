"""The lab's room: the one that knows everybody and puts the others together.

Comes in: what the user does. Goes out: a world that runs, that can be looked at, and that can be built again.
Next door: everything below; above, the magics and the command line.
Celery: nothing. In production the network, the servers and the operating systems do this.
"""

from labq.lab.lab import Lab, current_lab

__all__ = ["Lab", "current_lab"]
