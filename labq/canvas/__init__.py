"""The canvas room: calls written down, to be made later.

Celery: ``celery/canvas.py``.
"""

from labq.canvas.signature import Signature, maybe_signature, signature

__all__ = ["Signature", "maybe_signature", "signature"]
