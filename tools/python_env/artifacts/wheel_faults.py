"""What is wrong with the wheels that a command of artifacts is given."""

from __future__ import annotations

from python_env.base.errors import Fault
from python_env.env.model import Wheel


def missing_wheel(env_name: str, wheel: Wheel) -> Fault:
    """Return the fault of a wheel of the closure that was not given."""
    return Fault(
        f"the wheel {wheel.file} of the closure was not given",
        f"{env_name}.env.json: wheels",
        "let lock and lock_repo of python_env (lock and wheels of python_env_closure) be of one lock",
    )


def changed_wheel(env_name: str, wheel: Wheel, digest: str, size: int) -> Fault:
    """Return the fault of a wheel whose bytes, of this sha256 (hex) and size, are not the locked ones."""
    return Fault(
        f"the bytes of {wheel.file} differ from the lock: sha256 {digest}, {size} bytes\n"
        f"locked is {wheel.sha256}, {wheel.size} bytes",
        f"{env_name}.env.json: wheels, {wheel.name}",
        "fetch the file again; if the index changed it, refresh the lock and find out why",
    )
