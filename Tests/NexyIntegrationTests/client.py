"""A client of the voice server, as a program of another language sees it."""

import json
import threading
import time
import uuid
from dataclasses import dataclass, field
from functools import cached_property
from itertools import groupby

import grpc
import numpy as np

from contract import COLLECT, COMMIT, messages, services

# Seconds no call of the suite may pass.
CALL_LIMIT = 60

# What released clients set (50 MiB both ways).
CHANNEL_OPTIONS = [
    ("grpc.max_send_message_length", 50 << 20),
    ("grpc.max_receive_message_length", 50 << 20),
    ("grpc.enable_retries", 0),
]

# Channels to one server share a connection, unless they are told not to.
OWN_CONNECTION = [("grpc.use_local_subchannel_pool", 1)]


def new_session() -> str:
    return str(uuid.uuid4())


def new_device() -> str:
    return f"device-{uuid.uuid4()}"


@dataclass(frozen=True, repr=False)
class Heard:
    """One stream from its first item to its status."""

    items: tuple
    # Seconds from the request to each item.
    arrivals: tuple
    code: grpc.StatusCode
    details: str
    # Seconds from the request to the status.
    duration: float
    # What came with the status.
    trailers: dict[str, str] = field(default_factory=dict)

    @property
    def kinds(self) -> list[str]:
        return [item.WhichOneof("content") for item in self.items]

    @property
    def texts(self) -> list[str]:
        return [item.text_chunk for item in self.items if item.WhichOneof("content") == "text_chunk"]

    @property
    def text(self) -> str:
        return "".join(self.texts)

    @property
    def audio(self) -> list:
        return [item.audio_chunk for item in self.items if item.WhichOneof("content") == "audio_chunk"]

    @cached_property
    def samples(self) -> np.ndarray:
        return samples_of(self.audio)

    @property
    def seconds(self) -> float:
        return len(self.samples) / 48_000

    @property
    def actions(self) -> list:
        return [item.action_message for item in self.items if item.WhichOneof("content") == "action_message"]

    @property
    def command(self) -> dict | None:
        """The action's JSON, read; None when the turn brought none."""
        return json.loads(self.actions[0].action_json) if self.actions else None

    @property
    def ends(self) -> list[str]:
        return [item.end_message for item in self.items if item.WhichOneof("content") == "end_message"]

    @property
    def errors(self) -> list[str]:
        return [item.error_message for item in self.items if item.WhichOneof("content") == "error_message"]

    @property
    def metadata(self) -> list:
        return [item.metadata for item in self.items if item.WhichOneof("content") == "metadata"]

    def segments(self) -> list[tuple[str, list]]:
        """Each piece of text with the audio chunks that stand between it and the next."""
        found: list[tuple[str, list]] = []
        for item in self.items:
            kind = item.WhichOneof("content")
            if kind == "text_chunk":
                found.append((item.text_chunk, []))
            elif kind == "audio_chunk" and found:
                found[-1][1].append(item.audio_chunk)
        return found

    def __repr__(self) -> str:
        runs = ((kind, len(list(run))) for kind, run in groupby(self.kinds))
        shape = " ".join(kind if count == 1 else f"{kind}*{count}" for kind, count in runs)
        return (
            f"<{shape or 'nothing'} -> {self.code.name} {self.details!r} after {self.duration:.2f} s,"
            f" texts={self.texts!r} errors={self.errors!r}"
            f" actions={[action.action_json for action in self.actions]!r}>"
            if not self.metadata
            else f"<{shape} -> {self.code.name} {self.details!r} after {self.duration:.2f} s, errors={self.errors!r}>"
        )


def samples_of(chunks) -> np.ndarray:
    return np.frombuffer(b"".join(chunk.audio_data for chunk in chunks), dtype="<i2")


class LiveStream:
    """A stream that is being read while the test does something else."""

    def __init__(self, call):
        self._call = call
        self._began = time.monotonic()
        self._news = threading.Condition()
        self._items: list = []
        self._arrivals: list[float] = []
        self._ending: tuple | None = None
        threading.Thread(target=self._read, daemon=True).start()

    def wait_for(self, kind: str, count: int = 1, within: float = 10):
        """Waits for the `count`-th item of a kind and returns it."""

        def found():
            matches = [item for item in self._items if item.WhichOneof("content") == kind]
            return matches[count - 1] if len(matches) >= count else None

        with self._news:
            self._news.wait_for(lambda: found() is not None or self._ending, timeout=within)
            item = found()
        assert item is not None, f"no {kind} within {within} s: {self._so_far()}, {self._ending}"
        return item

    def ended(self, within: float = CALL_LIMIT) -> Heard:
        with self._news:
            assert self._news.wait_for(
                lambda: self._ending, timeout=within
            ), f"the stream still runs after {within} s: {self._so_far()}"
        return self._heard()

    def is_over(self, within: float = 0) -> bool:
        """Whether the stream ends in so many seconds; waits until then."""
        with self._news:
            return bool(self._news.wait_for(lambda: self._ending, timeout=within))

    def cancel(self) -> None:
        self._call.cancel()

    @property
    def so_far(self) -> list[str]:
        """The kinds of what came."""
        with self._news:
            return self._so_far()

    def _read(self) -> None:
        try:
            for item in self._call:
                with self._news:
                    self._items.append(item)
                    self._arrivals.append(time.monotonic() - self._began)
                    self._news.notify_all()
        except grpc.RpcError:
            pass
        duration = time.monotonic() - self._began
        trailers = dict(self._call.trailing_metadata() or ())
        ending = (self._call.code(), self._call.details() or "", duration, trailers)
        with self._news:
            self._ending = ending
            self._news.notify_all()

    def _heard(self) -> Heard:
        return Heard(tuple(self._items), tuple(self._arrivals), *self._ending)

    def _so_far(self) -> list[str]:
        return [item.WhichOneof("content") for item in self._items]


class VoiceClient:
    """One connection to a server."""

    def __init__(self, port: int, options: list[tuple] = ()):
        self.channel = grpc.insecure_channel(f"127.0.0.1:{port}", options=[*CHANNEL_OPTIONS, *options])
        self._stub = services.StreamingServiceStub(self.channel)

    def close(self) -> None:
        self.channel.close()

    def begin(
        self,
        prompt: str = "",
        *,
        device: str | None = None,
        session: str | None = None,
        phase: int = COMMIT,
        language: str | None = None,
        timeout: float = CALL_LIMIT,
        **fields,
    ) -> LiveStream:
        request = messages.StreamRequest(
            prompt=prompt,
            hardware_id=new_device() if device is None else device,
            session_id=new_session() if session is None else session,
            phase=phase,
            **fields,
        )
        metadata = [("accept-language", language)] if language else None
        return LiveStream(self._stub.StreamAudio(request, timeout=timeout, metadata=metadata))

    def turn(self, prompt: str = "", **options) -> Heard:
        return self.begin(prompt, **options).ended()

    def collect(self, text: str | None = None, *, sequence: int, device: str, session: str, **fields) -> Heard:
        if text is not None:
            fields["chunk_text"] = text
        return self.turn("", phase=COLLECT, chunk_seq=sequence, device=device, session=session, **fields)

    def unread(
        self, prompt: str, device: str | None = None, session: str | None = None, timeout: float = CALL_LIMIT
    ):
        """A turn whose client reads nothing until a `LiveStream` is made of it; cancel it when done."""
        request = messages.StreamRequest(
            prompt=prompt, hardware_id=device or new_device(), session_id=session or new_session(), phase=COMMIT
        )
        return self._stub.StreamAudio(request, timeout=timeout)

    def interrupt(self, device: str):
        return self._stub.InterruptSession(messages.InterruptRequest(hardware_id=device), timeout=10)

    def begin_welcome(self, text: str = "", **fields) -> LiveStream:
        fields.setdefault("session_id", "welcome")
        return LiveStream(
            self._stub.GenerateWelcomeAudio(messages.WelcomeRequest(text=text, **fields), timeout=CALL_LIMIT)
        )

    def welcome(self, text: str = "", **fields) -> Heard:
        return self.begin_welcome(text, **fields).ended()

    def report_usage(self, **fields):
        return self._stub.ReportUsage(messages.UsageRequest(**fields), timeout=10)

    def call_unknown_method(self):
        return self.channel.unary_unary(
            "/streaming.StreamingService/Vanish",
            request_serializer=messages.InterruptRequest.SerializeToString,
            response_deserializer=messages.InterruptResponse.FromString,
        )(messages.InterruptRequest(), timeout=10)
