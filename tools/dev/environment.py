"""Makes and keeps the environment that the commands in tools/ run in.

Every command calls `enter()` first. That prepares the parts the command needs, starts it again
in the virtual environment, and does nothing of this if all is up to date (some milliseconds).
Only the standard library may be used here, by whatever python3 the machine has.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / ".build"  # caches and logs; may be deleted at any time
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
NODE = ROOT / "tools" / "node"
TYPINGS = ROOT / "typings"
WASM_ASYNCIO = BUILD / "wasm-asyncio"
FOREIGN = BUILD / "foreign"
BROKER = BUILD / "mosquitto"  # nothing but the stamp: it is the system's

OLDEST = (3, 11)  # tomllib


class Unavailable(Exception):
    """A part is not available on this machine; the text has the reason."""


@dataclass(frozen=True)
class Part:
    """Something on disk that is made by `make` and is right while its stamp holds `key`."""

    name: str
    folder: Path
    key: Callable[[], str]
    make: Callable[[], None]

    @property
    def stamp(self) -> Path:
        return self.folder / ".stamp"

    def fresh(self) -> bool:
        try:
            return self.stamp.read_text() == self.key()
        except OSError:
            return False


def requirements(*extras: str) -> list[str]:
    """The requirements of pyproject's extras, those of extras they refer to included."""
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    found: list[str] = []
    for extra in extras:
        for requirement in project["optional-dependencies"][extra]:
            name, _, rest = requirement.partition("[")
            if name == project["name"]:
                found += requirements(*rest.rstrip("]").split(","))
            else:
                found.append(requirement)
    return found


def _digest(*texts: str) -> str:
    # The root belongs to it: neither a venv nor npm's links survive being moved.
    return hashlib.sha256("\0".join((str(ROOT), *texts)).encode()).hexdigest()


def _run(*command: str | Path, cwd: Path = ROOT) -> None:
    """Run a command silently; if it fails raise Unavailable with the end of what it said."""
    line = [str(word) for word in command]
    try:
        done = subprocess.run(line, cwd=cwd, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        raise Unavailable(f"{line[0]} is not installed") from None
    if done.returncode:
        said = (done.stderr.strip() or done.stdout.strip()).splitlines()
        causes = [text for text in said if "error" in text.lower()] or said
        raise Unavailable(f"{' '.join(line[:4])} … failed: " + " | ".join(causes[-3:])[:600])


def _pip(*arguments: str | Path) -> None:
    _run(PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *arguments)


def install_debian(package: str) -> None:
    """As root by itself; else raises Unavailable with what to install."""
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        raise Unavailable(f"install the Debian package {package} (as root this is automatic)")
    _run("apt-get", "update", "-q")
    _run("apt-get", "install", "-qy", "--no-install-recommends", package)


def _make_venv() -> None:
    if importlib.util.find_spec("ensurepip") is None:  # Debian packs it apart
        install_debian("python3-venv")
    if Path(sys.prefix) != VENV:  # else it exists and runs us: only bring it up to date
        _run(sys.executable, "-m", "venv", "--clear", VENV)
    _pip(*requirements("dev"))


def _target(extra: str, folder: Path, *options: str) -> Part:
    """A part that is an extra installed in a directory of its own."""

    def make() -> None:
        shutil.rmtree(folder, ignore_errors=True)
        _pip(*options, "--target", folder, *requirements(extra))

    return Part(extra, folder, lambda: _digest(*requirements(extra)), make)


def program(name: str) -> str | None:
    """Path of an installed program; servers are where the PATH of a user does not lead."""
    path = os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"))
    return shutil.which(name, path=path)


def _make_broker() -> None:
    if program("mosquitto") is None:
        install_debian("mosquitto")
    BROKER.mkdir(exist_ok=True)


def _node_key() -> str:
    return _digest((NODE / "package-lock.json").read_text())


def _make_node() -> None:
    if shutil.which("node") is None:
        raise Unavailable("Node.js is not installed (20 or newer is needed)")
    _run("npm", "ci", "--no-audit", "--no-fund", "--loglevel=error", cwd=NODE)


PARTS = {
    part.name: part
    for part in (
        Part("python", VENV, lambda: _digest(sys.version, *requirements("dev")), _make_venv),
        Part("node", NODE / "node_modules", _node_key, _make_node),
        _target("stubs-rp2", TYPINGS),
        # Its dependencies are for Linux boards (Blinka) and of no use to MicroPython.
        _target("wasm-asyncio", WASM_ASYNCIO, "--no-deps"),
        _target("foreign", FOREIGN, "--no-deps"),
        Part("mosquitto", BROKER, lambda: _digest("mosquitto"), _make_broker),
    )
}


@contextlib.contextmanager
def _locked() -> Iterator[None]:
    """Keeps commands that are started at the same time from making the same part twice."""
    BUILD.mkdir(exist_ok=True)
    with open(BUILD / "lock", "w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _make(part: Part) -> None:
    with _locked():
        if part.fresh():  # another process was quicker
            return
        begin = time.monotonic()
        print(f"setting up {part.name} in {part.folder.relative_to(ROOT)} …", file=sys.stderr)
        part.make()
        part.stamp.write_text(part.key())
        print(f"  done in {time.monotonic() - begin:.1f} s", file=sys.stderr)


def prepare(*names: str) -> dict[str, str]:
    """Bring the named parts up to date; returns those that cannot be had, with the reason."""
    missing = {}
    for name in names:
        try:
            if not PARTS[name].fresh():
                _make(PARTS[name])
        except Unavailable as reason:
            missing[name] = str(reason)
    return missing


def strict() -> bool:
    """Whether a part that cannot be had is an error instead of something to be skipped."""
    return "--no-skip" in sys.argv or os.environ.get("CI", "").lower() in ("1", "true")


def enter(*names: str) -> dict[str, str]:
    """Called first by every command: go on in the virtual environment, with the named parts.

    Returns what cannot be had and why, empty if all is there. Ends the program where that is
    not allowed, or where there is no virtual environment.
    """
    if sys.version_info < OLDEST:
        sys.exit(f"the commands in tools/ need Python {OLDEST[0]}.{OLDEST[1]} or newer")
    inside = Path(sys.prefix) == VENV
    if inside or not PARTS["python"].fresh():
        missing = prepare("python", *(names if inside else ()))
        if "python" in missing:
            sys.exit(f"no virtual environment: {missing['python']}")
        if inside:
            for name, reason in missing.items():
                print(f"{'missing' if strict() else 'skipped'}: {name}: {reason}", file=sys.stderr)
            if missing and strict():
                sys.exit(1)
            return missing
    os.execv(PYTHON, [str(PYTHON), *sys.argv])


if __name__ == "__main__":
    enter(*PARTS)
    print("ready")
