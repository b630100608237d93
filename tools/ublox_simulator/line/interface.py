"""The AT interface: command lines, payloads and data mode in; output is in responses.py."""

from __future__ import annotations

import asyncio
import sys
import traceback
from collections import deque
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Protocol

from .. import errors
from ..errors import CommandError, ForcedError, PlainError, RawFinal
from ..service import Entry, Reply, Rules
from .command_faults import PLAIN_ERROR, Knob
from .counted_input import Intake
from .parser import Command, LineEditor, split_line, strip_prefix
from .responses import Speech

if TYPE_CHECKING:
    from ..module import Module

PENDING_LIMIT = 4096
"""Input bytes that are kept while a command that cannot be aborted is in flight."""

PAYLOAD_PATIENCE_MS = 10_000
"""After this time strict mode reports a short payload; the module itself still waits (A5
5.3.1)."""

LONGEST_COMMAND_S = 180
"""The longest documented maximum: a host may probe a module that is slower than that."""


class DataSink(Protocol):
    """Receiver of the bytes of data mode."""

    def feed(self, data: bytes, start: float, end: float) -> None:
        """Bytes from the host."""


class Interface(Speech):
    """One AT interface on one line. Exactly one command line is in flight at a time."""

    def __init__(self, module: Module) -> None:
        self.editor = LineEditor(module.options.max_line)
        super().__init__(module, lambda: self.editor.pending)
        self.loop = module.loop
        self.clipped = False
        """The beginning of the line being received was lost in sleep."""
        self.idle_since = 0.0
        """Time when the last command line ended."""
        self.failing: Knob | None = None
        """The command in flight must end in a failure, reported by its URC (knob "fail")."""
        self._slow: Knob | None = None
        self._slow_since = 0.0
        self._task: asyncio.Task[None] | None = None
        self._rules: Rules | None = None
        self._aborted = False
        self._abort_hook: asyncio.Future[None] | None = None
        self._pending: deque[tuple[bytes, float, float]] = deque()
        self._pending_size = 0
        self._drop_excess = False
        self._stray = b""
        self._intake: Intake | None = None
        self._sink: DataSink | None = None
        self._after_final: list[Callable[[], None]] = []

    # -- life ------------------------------------------------------------------------------

    def start(self) -> None:
        """The module is up: commands are taken from now on."""
        self.editor.clear()
        self.clipped = False
        self.mode = "command"
        self.idle_since = self.loop.time()

    def suspend(self) -> None:
        """Deep sleep: no input is received, and URCs wait."""
        self.mode = "asleep"

    def resume(self) -> None:
        """After deep sleep: held URCs are sent."""
        self.start()
        self.schedule_urcs()

    def stop(self) -> None:
        """The module went down: everything in flight is lost."""
        self.mode = "off"
        if self._task is not None:
            self._task.cancel()
            self._task = None
        self._slow = self.failing = None
        self._pending.clear()
        self._pending_size = 0
        self._after_final.clear()
        self._sink = None
        self._intake = None
        self.editor.clear()
        self.fall_silent()

    # -- input -----------------------------------------------------------------------------

    def feed(self, data: bytes, start: float, end: float) -> None:
        """Bytes have arrived from the host; they took from `start` to `end`."""
        if self.mode in ("off", "asleep") or not data:
            return
        if not self.module.detect_rate(data):
            return
        if self.mode == "command":
            self._feed_command(data, start, end)
        elif self.mode == "payload":
            self._feed_payload(data, start, end)
        elif self.mode == "data":
            assert self._sink is not None
            self._sink.feed(data, start, end)
        else:
            self._feed_busy(data, start, end)

    def _feed_command(self, data: bytes, start: float, end: float, waited: bool = False) -> None:
        step = (end - start) / len(data)
        fresh = not self.editor.pending
        line, used = self.editor.feed(data)
        if fresh and not waited and (self.editor.pending or line):
            blanks = len(data) - len(data.lstrip(bytes(range(33))))
            self.module.referee.command_begins(start + blanks * step)
        if self.module.settings.echo and used:
            self.line.send(data[:used], earliest=start + step)
        if line is None:
            return
        overflow = self.editor.overflow
        self.editor.clear()
        text = strip_prefix(line)
        clipped, self.clipped = self.clipped, False
        if text is None and not overflow:
            if line and not clipped:
                self.module.referee.report(f"a line without AT: {line[:40]!r}")
            self.schedule_urcs()
        else:
            self.mode = "busy"
            self._task = self.loop.create_task(self._run_line(text or "", overflow))
        rest = data[used:]
        if rest:
            self.feed(rest, start + used * step, end)

    def _feed_busy(self, data: bytes, start: float, end: float) -> None:
        if self._drop_excess:
            stray, self._stray = self._stray, b""
            if data == stray:
                return
            self.module.referee.report(f"{len(data)} bytes beyond the payload, dropped")
            return
        if not data.strip(b"\n\x00"):
            return  # the LF of a "CR LF" host
        if self._rules is not None and self._rules.abortable:
            self.abort()
            return
        if self._slow is None or self.loop.time() - self._slow_since < LONGEST_COMMAND_S:
            self.module.referee.report(f"{data[:40]!r} while a command is in flight")
        if self._slow is not None and "deaf" in self._slow.manners:
            return
        if self._pending_size + len(data) <= PENDING_LIMIT:
            self._pending.append((data, start, end))
            self._pending_size += len(data)

    def _feed_payload(self, data: bytes, start: float, end: float) -> None:
        intake = self._intake
        assert intake is not None
        if not intake.data:
            self.module.referee.payload_begins(start)
        beyond = intake.feed(data)
        if intake.echo:
            self.send(data[: len(data) - len(beyond)])
        if not intake.done.done():
            return
        self.mode = "busy"
        self._drop_excess = True
        if beyond:
            self._feed_busy(beyond, start, end)

    def abort(self) -> None:
        """End the abortable command in flight (at-commands 1.2, result code 3000)."""
        self._aborted = True
        if self._abort_hook is not None and not self._abort_hook.done():
            self._abort_hook.set_result(None)

    # -- running a command line ------------------------------------------------------------

    async def _run_line(self, text: str, overflow: bool) -> None:
        try:
            await self._pause(self.module.options.latency_ms)
            await self._execute(text, overflow)
        except asyncio.CancelledError:
            raise
        except Exception as error:  # a defect of the simulator must not end the dialogue
            self.module.crashes.append(error)
            traceback.print_exc(file=sys.stderr)
            self.final("ERROR")
        self._finish()

    async def _execute(self, text: str, overflow: bool) -> None:
        referee = self.module.referee
        try:
            if overflow:
                raise CommandError(errors.LINE_TOO_LONG)
            commands = split_line(text)
            entries = [self._look_up(command, len(commands)) for command in commands]
        except CommandError as error:
            referee.report(f"malformed or unknown command: AT{text[:60]}")
            self.module.faults.next_command([])
            self.error(error.code)
            return
        treatment = self.module.faults.next_command(commands)
        if treatment.restart:
            self.module.restart()
            return
        if treatment.late is not None and not await self._be_slow(treatment.late, entries):
            return
        self.muted = treatment.mute
        for command, entry in zip(commands, entries, strict=True):
            if not await self._run_command(command, entry):
                return
        self.final("OK")

    async def _be_slow(self, knob: Knob, entries: list[Entry]) -> bool:
        """Knob "late": wait before the command is executed; False when it was aborted."""
        self._slow, self._slow_since = knob, self.loop.time()
        if "abort" in knob.manners:
            self._rules = entries[0].rules
        try:
            await self.wait_or_abort(asyncio.sleep(knob.number / 1000))
        except CommandError as error:
            self.error(error.code)
            return False
        finally:
            self._slow = self._rules = None
        return True

    def _look_up(self, command: Command, count: int) -> Entry:
        entry = self.module.commands.get(command.name)
        if entry is None:
            absent = command.name in self.module.spec.absent
            raise CommandError(errors.NOT_SUPPORTED if absent else errors.UNKNOWN)
        if entry.rules.alone and count > 1:
            raise CommandError(errors.NOT_ALLOWED)
        return entry

    async def _run_command(self, command: Command, entry: Entry) -> bool:
        """Run one command and print its information lines; False ends the line with an error."""
        self._rules = entry.rules
        try:
            reply = await self._reply(command, entry)
        except CommandError as error:
            if error.code == errors.BAD_PARAMETERS and not isinstance(error, ForcedError):
                shown = ",".join(param.text for param in command.params)[:60]
                self.module.referee.report(f"wrong parameters: {command.name}={shown}")
            self.error(error.code)
            return False
        except PlainError:
            self.final("ERROR")
            return False
        except RawFinal as final:
            self.final(str(final))
            return False
        finally:
            self._rules = self.failing = None
        self._print_reply(reply)
        return True

    async def _reply(self, command: Command, entry: Entry) -> Reply:
        """The answer of the command, or the one that a fault causes."""
        faults = self.module.faults
        refusal = faults.refusal(command)
        if refusal is not None:
            raise PlainError if refusal.number == PLAIN_ERROR else ForcedError(refusal.number)
        instead = faults.answer(command)
        if instead is not None:
            return instead
        self.failing = faults.failure(command)
        if entry.rules.takes_ms:
            await self.wait_or_abort(asyncio.sleep(entry.rules.takes_ms / 1000))
        reply = entry.run(command)
        if isinstance(reply, Awaitable):
            reply = await reply
        return reply

    def _print_reply(self, reply: Reply) -> None:
        if reply is None:
            return
        lines = reply if isinstance(reply, list) else [reply]
        for text in lines:
            self.info(text)

    async def wait_or_abort(self, work: Awaitable[object]) -> None:
        """Await something for an abortable command; raises CommandError(3000) when aborted."""
        if self._rules is None or not self._rules.abortable:
            await work
            return
        task = asyncio.ensure_future(work)
        self._aborted = False
        self._abort_hook = self.loop.create_future()
        try:
            await asyncio.wait({task, self._abort_hook}, return_when=asyncio.FIRST_COMPLETED)
            if self._aborted:
                # Other input of the host meanwhile belongs to the abort, not to a command.
                await self._pause(self.module.options.latency_ms)
                raise CommandError(errors.ABORTED)
            task.result()
        finally:
            task.cancel()
            self._abort_hook = None

    async def _pause(self, ms: float) -> None:
        if ms > 0:
            await asyncio.sleep(ms / 1000)

    def _finish(self) -> None:
        self._task = None
        self.muted = False
        self._drop_excess = False
        self._stray = b""
        if self.mode == "off":
            return
        self.mode = "command"
        self.idle_since = self.loop.time()
        actions, self._after_final = self._after_final, []
        for action in actions:
            action()
        while self._pending and self.mode == "command":
            data, start, end = self._pending.popleft()
            self._pending_size -= len(data)
            self._feed_command(data, start, end, waited=True)
        self.schedule_urcs()
        self.module.line_done()

    def after_final(self, action: Callable[[], None]) -> None:
        """Run `action` once the final result of the current line has been queued."""
        self._after_final.append(action)

    # -- prompts and data mode -------------------------------------------------------------

    async def prompt(
        self, char: str, count: int, *, silence_ms: float = 0, echo: bool = False
    ) -> bytes:
        """Print a prompt and take exactly `count` raw bytes, as a rule without echo (A5 5.3.1).

        With `silence_ms` a pause of the host ends it: the bytes received until then are returned.
        """
        self.boundary()
        _, end = self.send(b"\r\n" + char.encode())
        intake = Intake(self.loop, count, silence_ms)
        intake.echo = echo
        return await self._take(intake, end)

    async def connect(
        self, count: int, *, silence_ms: float, end: int | None = None, stray: bytes = b""
    ) -> bytes:
        """Print CONNECT and take at most `count` raw bytes, fewer after `silence_ms` of silence
        or the byte `end`. `stray` may follow the last one (at-commands 10.2)."""
        self.info("CONNECT")
        self._stray = stray
        return await self._take(Intake(self.loop, count, silence_ms, end), self.line.out_end)

    async def _take(self, intake: Intake, prompt_end: float) -> bytes:
        self.module.referee.prompt_sent(prompt_end)
        self._intake = intake
        intake.prompt_sent(prompt_end)
        self.mode = "payload"
        watch = self.module.later(PAYLOAD_PATIENCE_MS, self._payload_short, intake)
        try:
            payload = await intake.done
        finally:
            watch.cancel()
            intake.close()
        if self.mode == "payload":  # ended by silence
            self.mode = "busy"
        self._intake = None
        await self._pause(self.module.options.latency_ms)
        return payload

    def _payload_short(self, intake: Intake) -> None:
        self.module.referee.report(
            f"only {len(intake.data)} of {intake.size} payload bytes came in 10 s"
        )

    def enter_data(self, sink: DataSink) -> None:
        """Print CONNECT and pass all further input to `sink`."""
        self.info("CONNECT")
        self._sink = sink
        self.mode = "data"

    def leave_data(self) -> None:
        """Return to command mode; the command that entered data mode continues."""
        self._sink = None
        self.mode = "busy"

    def send_data(self, data: bytes) -> None:
        """Raw bytes to the host in data mode."""
        _, end = self.line.send(data)
        self.module.referee.answer_sent(end)
