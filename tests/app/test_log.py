"""``app.log``: sets logging up for whoever asks, and leaves it alone otherwise."""

from __future__ import annotations

import io
import logging
import sys

import pytest

from labq import signals
from labq.app.log import Logging
from labq.utils.log import LoggingProxy, get_task_logger


@pytest.fixture
def clean():
    """Loggers and streams as they were, afterwards."""
    names = (None, "celery", "celery.task", "celery.redirected")
    chosen = [logging.getLogger(name) for name in names]
    before = [(logger, logger.handlers[:], logger.level) for logger in chosen]
    propagates, streams = logging.getLogger("celery.task").propagate, (sys.stdout, sys.stderr)
    Logging._setup = False
    yield
    Logging._setup = False
    sys.stdout, sys.stderr = streams
    logging.captureWarnings(capture=False)
    logging.getLogger("celery.task").propagate = propagates
    for logger, handlers, level in before:
        logger.handlers[:] = handlers
        logger.setLevel(level)


@pytest.mark.usefixtures("clean")
def test_a_worker_leaves_logging_alone(lab, app):
    """Notebooks and tests have a logging of their own."""
    before = logging.getLogger().handlers[:]
    lab.start_worker(app)
    assert (logging.getLogger().handlers, app.log.already_setup) == (before, False)


@pytest.mark.usefixtures("clean")
def test_a_worker_with_a_log_file_writes_it(lab, app, tmp_path):
    """In Celery's form, with the node's name in the file's; a rewind writes nothing twice."""
    app.conf.worker_log_format = "%(levelname)s %(message)s"
    speaker = get_task_logger("proj.tasks")

    @app.task(name="speak")
    def speak():
        speaker.warning("hello")

    app.conf.worker_task_log_format = "%(task_name)s says %(message)s"
    lab.start_worker(app, hostname="w1@lab", loglevel="INFO", logfile=str(tmp_path / "%n.log"))
    speak.delay()
    lab.run()
    text = (tmp_path / "w1.log").read_text()
    assert "INFO w1@lab ready.\n" in text
    assert "speak says hello\n" in text


@pytest.mark.usefixtures("clean")
def test_setting_up_twice_does_nothing(app):
    """There is one logging in a process."""
    told = []
    signals.after_setup_logger.connect(lambda **_: told.append(1), weak=False, dispatch_uid="t")
    try:
        app.log.setup(loglevel="INFO", logfile=io.StringIO())
        app.log.setup(loglevel="DEBUG", logfile=io.StringIO())
    finally:
        signals.after_setup_logger.disconnect(dispatch_uid="t")
    assert (told, logging.getLogger().level) == ([1], logging.INFO)


@pytest.mark.usefixtures("clean")
def test_a_listener_that_fails_is_heard(app):
    """And logging can be set up after it."""

    def fail(**_):
        raise ValueError("no log")

    signals.setup_logging.connect(fail)
    try:
        with pytest.raises(ValueError, match="no log"):
            app.log.setup_logging_subsystem()
    finally:
        signals.setup_logging.disconnect(fail)
    assert not app.log.already_setup


@pytest.mark.usefixtures("clean")
def test_prints_become_lines_only_when_asked(lab, app):
    """A notebook's cell shows what its tasks print."""
    stream = io.StringIO()
    app.conf.worker_log_format = "%(levelname)s/%(name)s %(message)s"

    @app.task(name="printing")
    def printing():
        print("seen")  # noqa: T201 - that is what is tried

    app.log.setup(loglevel="INFO", logfile=stream)
    lab.start_worker(app)
    printing.delay()
    lab.run()
    assert "seen" not in stream.getvalue()
    app.log.redirect_stdouts("WARNING")
    printing.delay()
    lab.run()
    assert "WARNING/celery.redirected seen\n" in stream.getvalue()


def test_a_closed_stream_says_nothing():
    """Nor does an empty line."""
    proxy = LoggingProxy(logging.getLogger("nobody"), "ERROR")
    assert (proxy.write("\n"), proxy.write("four\n"), proxy.isatty()) == (0, 4, False)
    proxy.close()
    assert proxy.write("more") == 0
