"""A process: one confined fork, from its start to its end."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, replace
from typing import Any, Final

from unfit import wire
from unfit.errors import WireError
from unfit.sandbox.account import Account
from unfit.sandbox.double_answers import Answers
from unfit.sandbox.endings import ENDED, claimed, fault_of_ending, fault_of_limit
from unfit.sandbox.exchange import Exchange, Stream
from unfit.sandbox.link import Broken, Link
from unfit.sandbox.protocol import MIB, Fault, FaultKind, Limits, Reply, Usage

__all__ = ["Process"]

DECODER_MEMORY: Final = 2048 * MIB
DECODER_WALL: Final = 60.0
DRAINING: Final = 1.0
MOMENT: Final = 0.001


class TooLong(WireError):
    """An answer that unpacks to more than is taken."""


class Process:
    """Start a fork of a zygote, exchange requests with it, end it.

    Parameters
    ----------
    link : Link
        The zygote; nothing else may run in it meanwhile.
    limits : Limits
        What the process may use from its start to its end.
    environment : mapping of str to str
        Its further environment variables.
    """

    def __init__(self, link: Link, limits: Limits, environment: Mapping[str, str]) -> None:
        self.link = link
        self.limits = limits
        self.environment = dict(environment)
        self.ended = False
        self.cpu = 0.0
        self.wall = 0.0
        self.resident = 0
        self._noting = False
        self._ran: dict[str, Any] = {}
        self.answers = Answers(self._decode_question)
        self._folders: dict[int, tuple[str, wire.Folder]] = {}
        self._open: dict[str, wire.Folder] = {}
        self._start()

    def _start(self) -> None:
        near, far = socket.socketpair()
        out, out_far = os.pipe2(os.O_CLOEXEC)
        err, err_far = os.pipe2(os.O_CLOEXEC)
        near.setblocking(False)
        os.set_blocking(out, False)
        os.set_blocking(err, False)
        self.channel = near
        self.keeper = self.link.keeper()
        self.account = Account(self.link.group, self.link.base, self.limits)
        self.streams = (Stream(out, self.limits.stream), Stream(err, self.limits.stream))
        self.exchange = Exchange(self.keeper, near, self.streams, self.answers, self.limits.reply)
        try:
            descriptors = [far.fileno(), out_far, err_far]
            limits, environment = asdict(self.limits), self.environment
            self.keeper.ask("run", descriptors=descriptors, limits=limits, environment=environment)
        except BaseException:
            self._release()
            raise
        finally:
            far.close()
            os.close(out_far)
            os.close(err_far)

    def refer(self, handle: wire.Folder | wire.Double) -> dict[str, Any]:
        """Describe a handle to the process, and remember folders that it may write to."""
        if isinstance(handle, wire.Double):
            return {"double": self.answers.number(handle), "methods": list(handle.methods)}
        known = self._folders.get(id(handle))
        if known is not None:
            return {"folder": known[0], "files": None, "open": False}
        name = str(len(self._folders))
        self._folders[id(handle)] = (name, handle)
        if handle.open:
            self._open[name] = handle
        return {"folder": name, "files": dict(handle.files), "open": handle.open}

    def resolve(self, reference: dict[str, Any]) -> Any:
        """Refuse: a submission refers to nothing."""
        raise WireError(f"a reference from a submission: {reference}")

    def once(self, request: dict[str, Any]) -> Reply:
        """Make one request, and end the process whatever came of it."""
        started = time.monotonic()
        try:
            ending = self._exchange(request | {"last": True}, self.limits)
            report = self.end(wait=ending in {"hung up", "ended"})
            fault = fault_of_ending(ending, self.exchange.refused, report, self.limits)
            return self._reply(fault, report, started)
        except Broken:
            return self._lost(started)
        except BaseException:
            self.abandon()
            raise
        finally:
            self._release()

    def request(self, request: dict[str, Any], limits: Limits) -> Reply:
        """Make one request of several, within what is left of the whole."""
        if self.ended:
            return Reply(fault=ENDED)
        started = time.monotonic()
        cpu, wall = max(0.0, self.limits.cpu - self.cpu), max(0.0, self.limits.wall - self.wall)
        limits = replace(limits, cpu=min(limits.cpu, cpu), wall=min(limits.wall, wall))
        try:
            return self._requested(request, limits, started)
        except Broken:
            return self._lost(started)
        except BaseException:
            self.abandon()
            raise
        finally:
            self.wall += time.monotonic() - started

    def _requested(self, request: dict[str, Any], limits: Limits, started: float) -> Reply:
        before = self._asked("mark", limits=asdict(limits))["cpu"]
        ending = self._exchange(request, limits)
        if ending != "result":
            report = self.end(wait=ending in {"hung up", "ended"})
            fault = fault_of_ending(ending, self.exchange.refused, report, limits)
        else:
            report = self._asked("capture", capture=list(self._open), most=self.limits.reply)
            fault = self._captured(report)
            if report["why"]:
                self.end(wait=False)
                fault = fault_of_limit(report["why"], limits)
        self.cpu = report["cpu"]
        return self._reply(fault, report | {"cpu": report["cpu"] - before}, started)

    def _asked(self, do: str, **order: Any) -> dict[str, Any]:
        """Ask the keeper, and bill what the kernel counts beside what it saw."""
        report: dict[str, Any] = self.keeper.ask(do, **order)
        return report | {"cpu": self.account.billed(report["cpu"])}

    def _exchange(self, request: dict[str, Any], limits: Limits) -> str:
        self._noting, self._ran = request.get("noting") is not None, {}
        body = wire.encode(request, handles=self)
        broken = self.account.allowed(limits.cpu)
        return self.exchange.run(body, time.monotonic() + limits.wall, broken)

    def _reply(self, fault: Fault | None, report: dict[str, Any], started: float) -> Reply:
        usage = Usage(report["cpu"], time.monotonic() - started, report["resident"])
        if self.ended:
            refused = self._captured(report)
            fault = fault or refused
        value = None
        if fault is None:
            assert self.exchange.result is not None
            value, fault = self._value(self.exchange.result)
        if fault is not None and not fault.where:
            fault = replace(fault, where=self.exchange.doing)
        for stream in self.streams:
            stream.drain(DRAINING)
        return Reply(value, fault, self.streams[0].take(), self.streams[1].take(), usage, self._ran)

    def abandon(self) -> None:
        """End the sandbox at once, where the grader itself was interrupted or made a mistake."""
        self.ended = True
        self.link.kill()
        self._release()

    def _lost(self, started: float) -> Reply:
        """Return the reply of a process that took its zygote with it."""
        self.ended = True
        self.link.retired = True
        self._release()
        fault = fault_of_limit(self.account.memory_broken(), self.limits) or Fault(
            FaultKind.DIED, "it brought the whole sandbox down"
        )
        return Reply(fault=fault, usage=Usage(wall=time.monotonic() - started))

    def _value(self, raw: bytes) -> tuple[Any, Fault | None]:
        """Return the value that an answer carries, or the fault that it tells of.

        A short one of JSON alone is read here; whatever could unpack to more, or needs a library, is read in a fork.
        """
        try:
            answer = wire.decode(raw) if wire.simple(raw) else self._decode(raw)
        except TooLong as error:
            return None, Fault(FaultKind.VALUE, f"its answer {error.message}, more than are taken")
        except WireError as error:
            return None, Fault(FaultKind.PROTOCOL, f"its answer is not plain data: {error.message}")
        except (OSError, EOFError):
            return None, Fault(
                FaultKind.VALUE, "its answer takes more memory or time to unpack than is given"
            )
        match answer:
            case {"value": value} if len(answer) == 1:
                return value, None
            case {"value": value, "ran": dict(ran)} if self._noting and len(answer) == 2:
                self._ran = ran
                return value, None
            case {"fault": fault} if len(answer) == 1:
                return None, claimed(fault)
        return None, claimed(None)

    def _decode(self, raw: bytes, *, wall: float = DECODER_WALL) -> Any:
        """Decode bytes of a submission: in a fork first, and here what that wrote."""
        near, far = socket.socketpair()
        with near:
            with far:
                longest = self.limits.reply
                self.link.ask("decode", descriptors=[far.fileno()], memory=DECODER_MEMORY, longest=longest)
            near.settimeout(wall or MOMENT)  # none at all would mean for ever
            wire.send(near, b"R", raw)
            kind, body, _ = wire.receive(near, self.limits.reply)
        content = wire.decode(body)
        if kind == b"L":
            raise TooLong(str(content))
        if kind != b"R":
            raise WireError(str(content))
        return content

    def _decode_question(self, raw: bytes) -> Any:
        try:
            return self._decode(raw, wall=min(DECODER_WALL, self.exchange.left))
        except (OSError, EOFError) as error:
            raise WireError("a call whose arguments cannot be unpacked") from error

    def _captured(self, report: dict[str, Any]) -> Fault | None:
        """Take over the folders that were written."""
        if report["refused"]:
            return Fault(FaultKind.VALUE, f"it {report['refused']}")
        for name, files in report["folders"].items():
            self._open[name].files = files
            self._open[name].held = report["held"][name]
        return None

    def end(self, *, wait: bool) -> dict[str, Any]:
        """End the process and everything that it started.

        Parameters
        ----------
        wait : bool
            Whether to let it die of its own cause, for a moment, because it has hung up.
        """
        self.ended = True
        report = self._asked("end", wait=wait, capture=list(self._open), most=self.limits.reply)
        if not report["why"]:  # a process that the kernel ended had no time to say why
            report["why"] = self.exchange.broken or self.account.memory_broken()
        self.link.retired = not report["clean"]
        return report

    def close(self) -> Usage:
        """End the process if it lives; return what it used."""
        if not self.ended:
            with suppress(Broken):
                report = self.end(wait=False)
                self._captured(report)
                self.cpu, self.resident = report["cpu"], report["resident"]
        self._release()
        return Usage(self.cpu, self.wall, self.resident)

    def _release(self) -> None:
        """Close what was opened for the process."""
        self.keeper.kill()
        if self.channel.fileno() != -1:
            self.channel.close()
            for stream in self.streams:
                os.close(stream.descriptor)
                stream.ended = True
            self.answers.close()
