"""The report that goes with a bug: what runs here, on what, set up how. Passwords are covered.

Comes in: an app. Goes out: text.
Celery: ``bugreport`` in ``celery/app/utils.py``; its command ``celery report``.
"""

from __future__ import annotations

import platform
from typing import Any

from labq import _state
from labq.app.censorship import sanitize_url
from labq.app.names import callable_name
from labq.release import VERSION_BANNER, __version__
from labq.wire.url import split_scheme

BUGREPORT_INFO = """
software -> celery:{celery_v} kombu:{kombu_v} py:{py_v}
            billiard:{billiard_v} {driver_v}
platform -> system:{system} arch:{arch}
            kernel version:{kernel_version} imp:{py_i}
loader   -> {loader}
settings -> transport:{transport} results:{results}

{human_settings}
"""


def bugreport(app: Any = None) -> str:
    """Return the report on *app*, by default the current one.

    Where Celery names the libraries it stands on, the lab's report says that labq is in their place.
    """
    app = _state.app_or_default(app)
    here = f"labq-{__version__}"
    transport = split_scheme(str(app.sending.broker_url))[0]
    return BUGREPORT_INFO.format(
        system=platform.system(),
        arch=", ".join(filter(None, platform.architecture())),
        kernel_version=platform.release(),
        py_i=platform.python_implementation(),
        celery_v=VERSION_BANNER,
        kombu_v=here,
        billiard_v=here,
        py_v=platform.python_version(),
        driver_v=f"labq:{__version__}",
        transport="amqp" if transport == "pyamqp" else transport,
        results=sanitize_url(app.conf.result_backend or "disabled"),
        human_settings=app.conf.humanize(),
        loader=callable_name(type(app.loader)),
    )
