"""The publisher: what it refuses to send."""

from __future__ import annotations

import pytest

from labq.exceptions import LabError


def test_a_protocol_that_is_not_written_is_refused_at_the_call(app):
    """Rather than to write another one than the settings ask for."""
    app.conf.task_protocol = 1

    @app.task
    def brew():
        """Do nothing."""

    with pytest.raises(LabError, match="task_protocol 1 is not mirrored"):
        brew.delay()
