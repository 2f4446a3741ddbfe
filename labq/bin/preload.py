"""Options that an app adds to the commands: ``app.user_options``.

Comes in: an app, what was typed. Goes out: the signal ``user_preload_options``.
Next door: ``base`` adds the options to its commands.
Celery: ``handle_preload_options`` in ``celery/bin/base.py``; its user guide, "Extensions and bootsteps".
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import wraps
from typing import Any

import click

from labq.signals import user_preload_options


def own_options(app: Any, kind: str) -> list[click.Parameter]:
    """Return the options that *app* adds to the command *kind*, or to every one (``preload``), in a stable order."""
    options = getattr(app, "user_options", {}).get(kind, ())
    return sorted(options, key=lambda option: str(option.name)) if isinstance(options, set | frozenset) else [*options]


def _takes(function: Callable[..., Any], name: str) -> bool:
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return False
    named = {each.name for each in parameters if each.kind not in (each.POSITIONAL_ONLY, each.VAR_POSITIONAL)}
    return name in named or any(each.kind is each.VAR_KEYWORD for each in parameters)


def deliver_preload_options(app: Any, function: Callable[..., Any], given: dict[str, Any]) -> None:
    """Tell the signal's receivers the preload options, and take out of *given* those that *function* cannot take."""
    names = [str(option.name) for option in own_options(app, "preload")]
    found = {name: given[name] for name in names if name in given}
    if found:
        user_preload_options.send(sender=inspect.unwrap(function), app=app, options=found)
    for name in found:
        if not _takes(function, name):
            del given[name]


def handle_preload_options(f: Callable[..., Any]) -> Callable[..., Any]:
    """Let the receivers of ``user_preload_options`` hear the app's preload options before *f*; a decorator.

    Commands of class ``CeleryCommand`` do so by themselves; with the decorator they do it no second time.
    """
    if delivers(f):
        return f

    @wraps(f)
    def deliver_first(ctx: click.Context, *args: Any, **given: Any) -> Any:
        deliver_preload_options(ctx.obj.app, f, given)
        return f(ctx, *args, **given)

    deliver_first.__dict__["_handles_preload_options"] = True
    return deliver_first


def delivers(function: Any) -> bool:
    """Tell whether *function*, or one that it wraps, delivers the preload options by itself."""
    while function is not None:
        if getattr(function, "_handles_preload_options", False):
            return True
        function = getattr(function, "__wrapped__", None)
    return False
