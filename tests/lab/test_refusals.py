"""What makes no sense is refused in one sentence with a hint, and the lab lives on."""

from __future__ import annotations

import pytest

from labq import Lab
from labq.exceptions import LabError

REFUSED = {
    "a lab cannot begin at 5": lambda _lab, _app: Lab(start=5),
    "a lab cannot begin at 'soon'": lambda _lab, _app: Lab(start="soon"),
    "the lab cannot run until 'x'": lambda lab, _app: lab.run(until="x"),
    "'x' is no number of seconds": lambda lab, _app: lab.advance("x"),
    "'y' is no number of steps": lambda lab, _app: lab.step("y"),
    "-1 is no number of steps": lambda lab, _app: lab.step(-1),
    "the lab cannot wait 'z' seconds": lambda _lab, app: app.AsyncResult("t").get(timeout="z"),
    "'x' is no number of records": lambda lab, _app: lab.rewind("x"),
    "True is no number of records": lambda lab, _app: lab.rewind(to=True),
    "a worker's name is text, not 5": lambda lab, app: lab.start_worker(app, hostname=5),
    "5 is no name of a queue": lambda lab, app: lab.start_worker(app, queues=[5]),
    "queues must be names of queues, not 5": lambda lab, app: lab.start_worker(app, queues=5),
    "concurrency must be a whole number, not 'many'": lambda lab, app: lab.start_worker(app, concurrency="many"),
    "a worker cannot run -1 tasks at once": lambda lab, app: lab.start_worker(app, concurrency=-1),
    "autoscale must be a whole number, not 'a'": lambda lab, app: lab.start_worker(app, autoscale="a,b"),
    "autoscale must be a whole number, not inf": lambda lab, app: lab.start_worker(app, autoscale=float("inf")),
    "'5' is no number of records": lambda lab, _app: lab.snapshot(at="5"),
    "1.5 is no number of records": lambda lab, _app: lab.room(1.5),
    "a threads pool cannot grow and shrink": lambda lab, app: lab.start_worker(app, pool="threads", autoscale="3,1"),
    "there is no level of logging called 'LOUD'": lambda lab, app: lab.start_worker(app, loglevel="LOUD"),
    "no worker stops 'sadly'": lambda lab, app: lab.start_worker(app).stop("sadly"),
}


@pytest.mark.parametrize("said", REFUSED)
def test_nonsense_is_refused_in_a_sentence(lab, app, said):
    """With a hint that says what would make sense."""
    with pytest.raises(LabError) as error:
        REFUSED[said](lab, app)
    assert (error.value.args[0], bool(error.value.hint)) == (said, True)
    lab.advance(1)
    assert lab.time >= 1


def test_a_refusal_quotes_no_book(lab, app):
    """What was asked for may be of any length; the sentence about it is not."""
    with pytest.raises(LabError) as refused:
        lab.start_worker(app, pool="a" * 10**6)
    assert len(str(refused.value)) < 3000
