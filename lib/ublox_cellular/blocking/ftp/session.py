# Generated from aio/ftp/session.py by tools/generate. Do not edit.
"""The session with an FTP server: connecting, leaving, and its directories. A5 9, 9.2."""

from ...core.command import sendable
from ...core.compat import const
from ...core.errors import CommandError, ModemError, ModuleReset
from ..network.dns import is_address

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from typing import Any

    from ..security.tls_profile import Profile

# Operations of +UFTP.
_ADDRESS = const(0)
_NAME = const(1)
_USER = const(2)
_PASSWORD = const(3)
_ACCOUNT = const(4)
_INACTIVITY = const(5)
_MODE = const(6)
_SERVER_PORT = const(7)
_TLS = const(8)
_DATA_TLS = const(12)
# And of +UFTPC.
_LOGOUT = const(0)
_LOGIN = const(1)
_DELETE = const(2)
_RENAME = const(3)
_CWD = const(8)
_MKDIR = const(10)
_RMDIR = const(11)

_PORT = const(21)
_LONGEST_HOST = const(128)
_LONGEST_LOGIN = const(30)
_LONGEST_NAME = const(256)
_LONGEST_S = const(86400)

_ECONNRESET = const(104)
_EALREADY = const(114)


def connect(
    ftp,
    host: str,
    port: int = 21,
    *,
    user: str = "anonymous",
    password: str = "anonymous@",
    account: str = "",
    passive: bool = True,
    tls: "Profile | bool | None" = None,
    timeout_s: int = 60,
    timeout_ms: "int | None" = None,
) -> None:
    """Log in to a server (+UFTP, +UFTPC=1).

    `host`: name or address, at most 128 bytes. `user`, `password`, `account`: at most 30 bytes
    each. `passive`: the module opens the data connections, as most servers and every network with
    NAT want it; False: the server does. `tls`: a profile of `modem.security` for FTPS, control and
    data, True is `modem.security.default`; it takes two of the module's TLS sessions (A5 9.2).
    `timeout_s`: after so many seconds without progress the module gives up, 0 to 86400, 0: never.
    `timeout_ms`: up to the log-in, None: `timeout_s` and 20 s more.

    A lost data connection is waited for. A session that an earlier program has left open, or an
    attempt that was given up, is ended first.

    Raises `ValueError`, `TypeError` before anything is sent; `OSError(EALREADY)` if the session is
    there; `FtpError` with the module's class and code, `FtpTimeout`, `CommandError`,
    `ModuleReset`, `OSError(ECONNRESET)` if the data connection is lost.
    """
    wanted = _checked(host, port, user, password, account, passive, timeout_s)
    profile: Any = None
    if tls is True:
        profile = ftp.modem.security.default
    elif tls is not None and tls is not False:
        if not hasattr(tls, "apply"):
            raise TypeError("tls: a profile of modem.security, True or None wanted")
        profile = tls
    before = ftp.timeout_s
    ftp.timeout_s = timeout_s
    try:
        limit_ms = ftp.patience(timeout_ms)
    finally:  # it is that of a session that may be there
        ftp.timeout_s = before
    wanted.append((_TLS, 1, profile.number) if profile is not None else (_TLS, 0))
    wanted.append((_DATA_TLS, 1 if profile is not None else 0))
    channel = ftp.channel
    began = channel.port.ticks_ms()
    if not ftp.lock.take():
        ftp.lock.acquire(channel, limit_ms, "the FTP client")
    try:
        if ftp.connected:
            raise OSError(_EALREADY, "connected: close() first")
        ftp.timeout_s = timeout_s
        _online(ftp, limit_ms, began)
        _end_old(ftp, limit_ms, began)
        life = ftp.life
        _place(ftp, wanted, limit_ms, began)
        if life != ftp.life:  # what was set first is lost
            raise ModuleReset(_ECONNRESET, ftp.named(_LOGIN))
        ftp.tls = profile
        ftp.host = host
        ftp.doubted = True
        ftp.guarded(True, ftp._act, _LOGIN, (), limit_ms, began)
        ftp.connected = True
        ftp.doubted = False
        ftp.path = "."
        if "recovery" in ftp.modem.loaded:
            ftp.modem.network.works("FTP")
    finally:
        ftp.lock.release()


def _checked(host, port, user, password, account, passive, timeout_s) -> "list[Any]":
    """The settings, host first; `TypeError`, `ValueError` that name the limit."""
    if not isinstance(host, str):
        raise TypeError("host: string wanted")
    if not host:
        raise ValueError("host: a name or an address wanted")
    sendable(host, _LONGEST_HOST)
    for number in (port, timeout_s):
        if not isinstance(number, int):
            raise TypeError("port, timeout_s: integers wanted")
    if not 1 <= port <= 65535:
        raise ValueError("port: 1 to 65535")
    if not 0 <= timeout_s <= _LONGEST_S:
        raise ValueError("timeout_s: 0 to %d" % _LONGEST_S)
    texts = ((user, "user"), (password, "password"), (account, "account"))
    for text, name in texts:
        if not isinstance(text, str):
            raise TypeError(name + ": string wanted")
        try:
            sendable(text, _LONGEST_LOGIN)
        except ValueError:  # without the text, which may be secret
            raise ValueError("%s: at most %d bytes without quotes" % (name, _LONGEST_LOGIN))
    if not user:
        raise ValueError("user: wanted")
    return [
        (_ADDRESS if is_address(host) else _NAME, host),
        (_USER, user),
        (_PASSWORD, password) if password else (_PASSWORD,),
        (_ACCOUNT, account) if account else (_ACCOUNT,),
        (_INACTIVITY, timeout_s),
        (_MODE, 1 if passive else 0),
        (_SERVER_PORT, port),
    ]


def _online(ftp, limit_ms: int, began: int) -> None:
    """A lost data connection is waited for."""
    channel = ftp.channel
    channel.acquire(channel.remaining(limit_ms, began))
    channel.release()
    network = ftp.modem.network
    if network.wanted is not None and not network.up:
        network.wanted.back(channel.remaining(limit_ms, began))


def _end_old(ftp, limit_ms: int, began: int) -> None:
    """Log out where the module may be logged in; it refuses that if it is not."""
    if ftp.doubted and not _free(ftp, limit_ms, began):
        try:
            ftp._act(_LOGOUT, (), limit_ms, began)
        except ModemError as error:
            from ...core.giving_up import given_up

            if given_up(error) or (not isinstance(error, CommandError) and not _told(error)):
                raise
    ftp.doubted = False


def _told(error) -> bool:
    """Whether the module itself has answered."""
    from ...core.ftp_errors import FtpError

    return isinstance(error, FtpError)


def _free(ftp, limit_ms: int, began: int) -> bool:
    """Whether the module is certainly not logged in: only then it takes another server. What the
    setting was is lost by this, and written after it."""
    ftp._idle(limit_ms, began)
    ftp.settings.clear()
    channel = ftp.channel
    channel.acquire(channel.remaining(limit_ms, began))
    try:
        channel.ask(b"+UFTP", _SERVER_PORT, _PORT)
    except CommandError:
        return False
    finally:
        channel.release()
    ftp.settings[_SERVER_PORT] = (_SERVER_PORT, _PORT)
    return True


def _place(ftp, wanted, limit_ms: int, began: int) -> None:
    """Send the settings that differ from the module's."""
    channel = ftp.channel
    for item in wanted:
        if ftp.settings.get(item[0]) == item:
            continue
        channel.acquire(channel.remaining(limit_ms, began))
        try:
            ftp.settings.pop(item[0], None)
            if item[0] <= _NAME:  # each clears the other
                ftp.settings.pop(_NAME - item[0], None)
            secret = 1 if item[0] == _PASSWORD else -1
            channel.ask(b"+UFTP", *item, secret=secret)
            # A password is not kept here: it is written for every log-in.
            if item[0] != _PASSWORD:
                ftp.settings[item[0]] = item
        except CommandError:
            # Only the seed prints this one; switched off is what all have.
            if item != (_DATA_TLS, 0):
                raise
        finally:
            channel.release()


def close(ftp, timeout_ms: "int | None" = None) -> None:
    """Log out (+UFTPC=0); nothing where there is no session. It counts as ended whatever is
    raised: `FtpTimeout`, `CommandError`, `ModuleReset`."""
    limit_ms = ftp.patience(timeout_ms)
    channel = ftp.channel
    began = channel.port.ticks_ms()
    if not ftp.lock.take():
        ftp.lock.acquire(channel, limit_ms, "the FTP client")
    try:
        if ftp.connected:
            ftp.connected = False
            ftp.doubted = True
            try:
                ftp._act(_LOGOUT, (), limit_ms, began)
            except ModemError as error:
                if not _told(error):
                    raise  # what the server says to it does not matter
            ftp.doubted = False
    finally:
        ftp.lock.release()


def quit(ftp) -> None:
    """As `close()`, by the name that ftplib has for it. Raises as that."""
    close(ftp)


# ---- directories and names ----------------------------------------------------------------------


def checked(name, what: str = "name") -> str:
    """A name of the server as it is sent: 1 to 256 bytes, UTF-8."""
    if not isinstance(name, str):
        raise TypeError(what + ": string wanted")
    sendable(name, _LONGEST_NAME)
    if not name:
        raise ValueError("%s: 1 to %d bytes wanted" % (what, _LONGEST_NAME))
    return name


def cwd(ftp, path: str, timeout_ms: "int | None" = None) -> None:
    """Change the server's directory; ".." is the one above (+UFTPC=8).

    Raises `ValueError`, `TypeError`, `FtpError` (ENOENT: there is none), `FtpTimeout`,
    `CommandError`, `ModuleReset`.
    """
    checked(path, "path")
    if path != ".":
        ftp.act(_CWD, ("" if path == ".." else path,), timeout_ms)
        ftp.path = _joined(ftp.path, path)


def pwd(ftp) -> str:
    """The server's directory. The module has no command for that: it is kept here, and begins
    with "." (where the log-in has led) until `cwd()` was given a path that begins with "/".
    Raises nothing."""
    return ftp.path


def _joined(base: str, path: str) -> str:
    """Where `path` leads from `base`."""
    parts = []
    if path[:1] != "/":
        parts = [""] if base == "/" else base.split("/")
    else:
        parts = [""]
        path = path[1:]
    for part in path.split("/"):
        if part == "..":
            if parts[-1] in (".", ".."):
                parts.append(part)
            elif len(parts) > 1:
                parts.pop()
        elif part and part != ".":
            parts.append(part)
    return "/".join(parts) or "/"


def mkdir(ftp, path: str, timeout_ms: "int | None" = None) -> None:
    """Make a directory (+UFTPC=10). Raises as `cwd()`."""
    ftp.act(_MKDIR, (checked(path, "path"),), timeout_ms)


def rmdir(ftp, path: str, timeout_ms: "int | None" = None) -> None:
    """Remove an empty directory (+UFTPC=11). Raises as `cwd()`."""
    ftp.act(_RMDIR, (checked(path, "path"),), timeout_ms)


def delete(ftp, name: str, timeout_ms: "int | None" = None) -> None:
    """Delete a file of the server (+UFTPC=2). Raises as `cwd()`."""
    ftp.act(_DELETE, (checked(name),), timeout_ms)


def rename(ftp, old: str, new: str, timeout_ms: "int | None" = None) -> None:
    """Give a file of the server another name (+UFTPC=3). Raises as `cwd()`."""
    ftp.act(_RENAME, (checked(old), checked(new)), timeout_ms)


mkd = mkdir
rmd = rmdir
