"""One requirement (PEP 508) from text, with a marker that every platform can answer."""

from __future__ import annotations

from packaging.markers import UndefinedComparison, UndefinedEnvironmentName
from packaging.requirements import InvalidRequirement, Requirement

from python_env.base.platforms import marker_environment, parse_platform

_ANY_PLATFORM = marker_environment(parse_platform("cp311-manylinux_2_28_x86_64"))
"""Whether a marker can be evaluated depends on its variables and operators, not on the platform's values."""


def parse_requirement(text: str) -> Requirement:
    """Return the requirement in `text`.

    Raises InvalidRequirement, with the reason in one line, also for what `packaging` takes and cannot answer later:
    a comparison that is undefined, a variable that only lock files have, brackets that are nested too deep.
    """
    try:
        requirement = Requirement(text)
        if requirement.marker:
            requirement.marker.evaluate({**_ANY_PLATFORM, "extra": ""})
    except InvalidRequirement as error:
        raise InvalidRequirement(str(error).splitlines()[0]) from None
    except UndefinedComparison as error:
        raise InvalidRequirement(f"its marker cannot be evaluated: {error}") from None
    except UndefinedEnvironmentName as error:
        raise InvalidRequirement(f"its marker names {error}, which requirements do not have") from None
    except RecursionError:
        raise InvalidRequirement("its marker is nested too deep") from None
    return requirement
