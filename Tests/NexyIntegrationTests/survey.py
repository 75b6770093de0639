"""What a plain client sees of a server: questions by name, answered the same every time while nothing is broken."""

import hashlib
import http.client
import json
import re
import uuid
from contextlib import closing
from itertools import groupby

import grpc
import numpy as np
from grpc_health.v1 import health_pb2, health_pb2_grpc

import frames
import wire
from client import OWN_CONNECTION, Heard, LiveStream, VoiceClient, new_device, new_session
from contract import messages
from server import eventually

LONG, COMMAND, SUM = "What can you do?", "Open Safari", "What is 17 times 23?"
# More sound than fits on the way to a client that does not read.
HELD = "Repeat after me: " + " ".join(f"This is the sentence with the number {number}." for number in range(40))
# A window that does not grow by itself.
SMALL = [("grpc.http2.bdp_probe", 0), ("grpc.http2.lookahead_bytes", 1 << 16)]
# Later than this is late: in seconds, above anything that a busy machine does to a healthy server.
LATE = 8


def seen(heard: Heard, late: float = LATE) -> tuple:
    """Everything of a stream that does not differ from run to run."""
    sessions = {action.session_id for action in heard.actions}
    actions = [action.action_json.replace(session, "S") for action in heard.actions for session in sessions]
    chunks = heard.audio
    whole = b"".join(chunk.audio_data for chunk in chunks)
    return (
        [(kind, len(list(run)) if kind != "audio_chunk" else "") for kind, run in groupby(heard.kinds)],
        heard.texts,
        hashlib.sha256(whole).hexdigest(),
        {(chunk.dtype, chunk.sample_rate, chunk.channels, str(chunk.shape)) for chunk in chunks},
        [segment_seconds(chunks) for _, chunks in heard.segments()],
        any(len(chunk.audio_data) % 2 or len(chunk.audio_data) > 4096 for chunk in chunks),
        actions,
        heard.errors,
        heard.ends,
        (heard.code.name, heard.details, sorted(heard.trailers.items())),
        heard.duration > late,
    )


def segment_seconds(chunks) -> float:
    return round(sum(len(chunk.audio_data) for chunk in chunks) / 96_000, 3)


def failure(call) -> tuple:
    try:
        return ("OK", str(call()))
    except grpc.RpcError as error:
        return (error.code().name, error.details(), sorted(error.trailing_metadata() or ()))


class Survey:
    """Questions to a stage: to its proxies, or to the ports that are given."""

    def __init__(self, stage, ports: dict[str, int] | None = None):
        self.stage, self.ports = stage, ports or stage.ports
        self.client = VoiceClient(self.ports["voice"], OWN_CONNECTION)

    def close(self) -> None:
        self.client.close()

    def slow_client(self):
        """A new client: an older one's window has grown with what it read."""
        return closing(VoiceClient(self.ports["voice"], OWN_CONNECTION + SMALL))

    def held(self, client: VoiceClient, running: int = 1, **options):
        """A turn that nobody reads, and that goes on until somebody does."""
        call = client.unread(HELD, **options)
        eventually(lambda: self.stage.server.active_turns == running, 1)
        return call

    def ask(self, name: str):
        answer = VOICE[name](self) if name in VOICE else WEB[name](self)
        return json.loads(
            json.dumps(answer, default=lambda value: sorted(value) if isinstance(value, set) else str(value))
        )

    # --- Turns

    def turn(self):
        return seen(self.client.turn(LONG))

    def command(self):
        device, session = new_device(), new_session()
        heard = self.client.turn(COMMAND, device=device, session=session)
        # No model is asked for it.
        return seen(heard, late=2.5), [action.session_id == session for action in heard.actions]

    def collect(self):
        device, session = new_device(), new_session()
        pieces = [
            self.client.collect(words, sequence=number + 1, device=device, session=session)
            for number, words in enumerate(["What is 17", "What is 17 times 23?"])
        ]
        return [seen(heard) for heard in (*pieces, self.client.turn(device=device, session=session))]

    def refusals(self):
        rows = [
            {"device": ""}, {"device": "Unknown"}, {"session": ""}, {"session": str(uuid.uuid1())}, {"phase": 7},
            {"prompt": ""},
        ]  # fmt: skip
        return [seen(self.client.turn(**{"prompt": SUM} | row), late=3) for row in rows]

    def interrupt(self):
        device, session = new_device(), new_session()
        with self.slow_client() as client:
            call = self.held(client, device=device, session=session)
            answer = client.interrupt(device)
            heard = LiveStream(call).ended()
        told = answer.success, [one == session for one in answer.interrupted_sessions]
        return told, heard.code.name, heard.errors, heard.ends, failure(lambda: self.client.interrupt(""))

    def welcome(self):
        heard = self.client.welcome()
        return seen(heard), [str(one) for one in heard.metadata], bool((np.abs(heard.samples) > 1000).any())

    def usage(self):
        return [
            failure(
                lambda: self.client.report_usage(hardware_id=device, session_id=new_session(), source="s", model="m")
            )
            for device in ("somebody", "")
        ]

    def health(self):
        stub = health_pb2_grpc.HealthStub(self.client.channel)
        names = ["", "streaming.StreamingService", "nothing"]
        return [failure(lambda: stub.Check(health_pb2.HealthCheckRequest(service=name), timeout=10)) for name in names]

    def unknown(self):
        return failure(self.client.call_unknown_method)

    def content(self):
        """What a request that is no gRPC gets."""
        raw = frames.RawClient(self.ports["voice"])
        try:
            fields = [pair for pair in wire.call_headers(frames.STREAM_AUDIO) if pair[0] != b"content-type"]
            stream, request = raw.new_stream(), messages.StreamRequest(prompt=SUM).SerializeToString()
            raw.send(*wire.call(stream, wire.message(request), fields=[*fields, (b"content-type", b"text/plain")]))
            heard = raw.ended(stream)
            return heard.fields, bytes(heard.body).hex(), heard.reset
        finally:
            raw.close()

    def picture(self):
        # So much takes a debug build seconds, and a busy machine longer.
        return seen(self.client.turn(SUM, screenshot="A" * (14 << 20)), late=60)

    def great(self):
        return seen(self.client.turn("x" * (17 << 20)))

    # --- Limits

    def deadline(self):
        """Whether the server still works a while after a client's deadline."""
        with self.slow_client() as client:
            call = self.held(client, timeout=0.4)
            is_over = eventually(lambda: self.stage.server.active_turns == 0, 1.2)
            return is_over, LiveStream(call).ended().code.name

    def cancel(self):
        with self.slow_client() as client:
            call = self.held(client)
            call.cancel()
            return eventually(lambda: self.stage.server.active_turns == 0, 0.8), LiveStream(call).ended().code.name

    def full_house(self):
        """Who comes when every slot is taken, and who comes when one is free again; twice, as slots may be lost."""
        return [self._house(limit) for limit in [self.stage.voice.limit] * 2]

    def _house(self, limit: int):
        with self.slow_client() as client:
            calls = [self.held(client, running) for running in range(1, limit + 1)]
            surplus = self.client.begin(LONG)
            told = seen(surplus.ended()) if surplus.is_over(1) else "waits"
            surplus.cancel()
            calls[0].cancel()
            codes = [LiveStream(call).ended().code.name for call in calls]
        eventually(lambda: self.stage.server.active_turns == 0, 1.9)
        return told, codes

    # --- The log

    def log(self):
        """How the log tells of a call: what it decided, and whether it told all."""
        device = new_device()
        self.client.turn(SUM, device=device)
        with self.stage.watched_log() as path:
            eventually(lambda: path.read_text().count(device) >= 4, 0.9)
            return [line.split("decision=")[1].split()[0] for line in path.read_text().splitlines() if device in line]

    # --- Pages

    def pages(self):
        asked = [
            ("http", "GET", "/health"), ("http", "HEAD", "/health"), ("http", "GET", "/status"),
            ("http", "GET", "/nothing"), ("updates", "GET", "/updates/health"),
        ]  # fmt: skip
        return [self.get(*one) for one in asked]

    def updates(self):
        paths = ["/updates/health", "/updates/appcast.xml", "/updates/appcast-beta.xml", "/updates/api/manifests"]
        more = [f"/updates/{name}" for name in ("api/versions", "api/artifacts", "nothing")]
        tags = [value for name, value in self.get("updates", "GET", paths[1])[1] if name == "ETag"]
        known = {"If-None-Match": "".join(tags)}
        return [
            *[self.get("updates", method, path) for path in paths for method in ("GET", "HEAD")],
            *[self.get("updates", "GET", path) for path in more],
            self.get("updates", "OPTIONS", paths[1], {"Origin": "https://example.org"}),
            *[self.get("updates", "GET", paths[1], fields) for fields in (known, {"If-None-Match": '"older"'})],
        ]

    def downloads(self):
        path = "/updates/downloads/Nexy-2.0.0.15.dmg"
        ranged = self.get("updates", "GET", path, {"Range": "bytes=10-19"})
        behind = self.get("updates", "GET", path, {"Range": "bytes=10240-"})
        return self.get("updates", "GET", path), self.get("updates", "HEAD", path), ranged, behind

    def get(self, listener: str, method: str, path: str, fields: dict[str, str] | None = None):
        connection = http.client.HTTPConnection("127.0.0.1", self.ports[listener], timeout=20)
        try:
            connection.request(method, path, headers=fields or {})
            response = connection.getresponse()
            try:
                body = response.read()
            except http.client.IncompleteRead as error:
                body = b"cut: " + error.partial
            told = [
                pair
                for pair in response.getheaders()
                if pair[0].lower() not in ("date", "content-length", "connection")
            ]
            length = response.getheader("content-length") if method == "HEAD" else len(body)
            # The length of what tells the time changes with it.
            is_fact = response.getheader("content-type", "").startswith("application/json")
            return response.status, told, 0 if is_fact else length, steady(body)
        finally:
            connection.close()


def steady(body: bytes):
    """A page without what changes from second to second."""
    try:
        facts = json.loads(body)
    except ValueError:
        return hashlib.sha256(body).hexdigest(), body[:2000].decode(errors="replace")
    if isinstance(facts, dict):
        for name in ("uptime_seconds", "active_turns"):
            facts.pop(name, None)
        if "timestamp" in facts:
            facts["timestamp"] = re.sub(r"\d", "0", str(facts["timestamp"]))
        for channel in facts.get("channels", {}).values():
            channel.pop("feed_age", None)
    return facts


VOICE = {
    name: getattr(Survey, name)
    for name in (
        "command", "collect", "refusals", "welcome", "usage", "health", "unknown", "content", "interrupt", "turn",
        "great", "deadline", "cancel", "full_house", "log", "picture",
    )
}  # fmt: skip
WEB = {name: getattr(Survey, name) for name in ("pages", "updates", "downloads")}
