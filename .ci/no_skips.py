"""Ends red when a test of the suite was skipped, or when a part of the suite was not there at all.

A skip is an answer on a machine that lacks a browser or a server. On the machine of the checks everything is
installed, so a skipped test is a test that should have run.
Comes in: the suite's report in JUnit's form. Goes out: what was skipped and why; exit code 1 if anything was.
"""

from __future__ import annotations

import sys
from pathlib import Path
from xml.etree import ElementTree as ET

PARTS = (
    "tests.guards",
    "tests.test_binder",
    "tests.browser",
    "tests.against_celery",
    "notebooks.en",
    "notebooks.ru",
    "notebooks.zh",
)
"""What the report must speak of: no part of the suite is lost unseen."""


def complaints(report: str) -> list[str]:
    """Return one line for each skipped test and each missing part of *report*."""
    cases = list(ET.fromstring(report).iter("testcase"))  # noqa: S314 - pytest wrote it a moment ago
    names = [f"{case.get('classname', '')}.{case.get('name', '')}" for case in cases]
    lost = [f"no test of {part} ran" for part in PARTS if not any(part in name.replace("/", ".") for name in names)]
    skipped = [
        f"skipped: {name}: {skip.get('message', '')}"
        for name, case in zip(names, cases, strict=True)
        for skip in case.findall("skipped")
        if skip.get("type") != "pytest.xfail"
    ]
    return lost + skipped


if __name__ == "__main__":
    found = complaints(Path(sys.argv[1]).read_text(encoding="utf-8"))
    print("\n".join(found) or "Every test ran; none was skipped.")
    sys.exit(bool(found))
