"""Variables for a driver that is started without spark-submit."""

from __future__ import annotations

import shlex

from python_env.launcher.model import Launch
from python_env.launcher.renderings.text import heading, joined


def render_environment(launch: Launch) -> str:
    """Return a shell file that exports what a driver without spark-submit needs."""
    lines = heading(launch, "source it before `python app.py`")
    for setting in launch.env:
        behind = f'"${{{setting.key}:+:${setting.key}}}"' if setting.before_others else ""
        lines += [f"# {setting.reason}", f"export {setting.key}={shlex.quote(setting.value)}{behind}"]
    return joined(lines)
