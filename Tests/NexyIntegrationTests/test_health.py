"""Whether the server can do its work, as probes ask: grpc.health.v1 and /health; and what it offers, by reflection."""

import shutil
import signal
import threading
import time
from contextlib import closing

import grpc
import pytest
from google.protobuf import descriptor_pool
from google.protobuf.descriptor_pb2 import FileDescriptorProto
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import ProtoReflectionDescriptorDatabase

from client import OWN_CONNECTION, VoiceClient
from contract import messages
from script import reply, stall, text
from server import eventually

FIRST = "The first sentence is whole. "
REPLIES = {
    "slow": reply(FIRST, text("The second one comes later.", 1_500)),
    "silent": reply(FIRST, fault=stall(1)),
    "good": reply("This turn goes well."),
}
SERVING, NOT_SERVING, SERVICE_UNKNOWN = (
    health_pb2.HealthCheckResponse.SERVING,
    health_pb2.HealthCheckResponse.NOT_SERVING,
    health_pb2.HealthCheckResponse.SERVICE_UNKNOWN,
)
VOICE = "streaming.StreamingService"
# A service by its name, and one that is not here.
SERVICES = ["", VOICE]
STRANGERS = ["streaming", "streaming.streamingservice", "grpc.health.v1.Health", " ", "x" * 10_000]
RECOVERY = 12


@pytest.fixture(scope="module")
def stage(serve_for_file):
    return serve_for_file(replies=REPLIES)


def check(server, service: str = "") -> int:
    stub = health_pb2_grpc.HealthStub(server.client.channel)
    return stub.Check(health_pb2.HealthCheckRequest(service=service), timeout=10).status


class Watching:
    """A health stream that is being read."""

    def __init__(self, server, service: str = "", client: VoiceClient | None = None):
        stub = health_pb2_grpc.HealthStub((client or server.client).channel)
        self._call = stub.Watch(health_pb2.HealthCheckRequest(service=service), timeout=60)
        self.statuses: list[int] = []
        self.code: grpc.StatusCode | None = None
        threading.Thread(target=self._read, daemon=True).start()

    def cancel(self) -> None:
        self._call.cancel()

    def _read(self) -> None:
        try:
            for answer in self._call:
                self.statuses.append(answer.status)
        except grpc.RpcError:
            pass
        self.code = self._call.code()


@pytest.mark.parametrize("service", SERVICES)
def test_a_server_that_works_is_serving(stage, service):
    assert check(stage, service) == SERVING


@pytest.mark.parametrize("service", STRANGERS)
def test_a_service_that_is_not_here_is_not_found(stage, service):
    with pytest.raises(grpc.RpcError) as refused:
        check(stage, service)
    assert refused.value.code() == grpc.StatusCode.NOT_FOUND
    assert service[:20].strip() not in refused.value.details() or not service.strip()


@pytest.mark.parametrize(("service", "status"), [("", SERVING), (VOICE, SERVING), ("stranger", SERVICE_UNKNOWN)])
def test_a_watch_tells_the_status_at_once_and_stays_open(stage, service, status):
    watching = Watching(stage, service)
    assert eventually(lambda: watching.statuses == [status], within=2), watching.statuses
    assert not eventually(lambda: watching.code, within=0.3)
    watching.cancel()
    assert eventually(lambda: watching.code == grpc.StatusCode.CANCELLED)


def test_a_hundred_may_watch_and_when_one_has_left_the_next_may(stage):
    with closing(VoiceClient(stage.grpc_port, OWN_CONNECTION)) as client:
        watchers = [Watching(stage, client=client) for _ in range(100)]
        assert eventually(lambda: all(watcher.statuses == [SERVING] for watcher in watchers), within=10)
        last = Watching(stage)
        assert eventually(lambda: last.code) == grpc.StatusCode.RESOURCE_EXHAUSTED and not last.statuses
        assert check(stage) == SERVING
        watchers[0].cancel()
        assert eventually(lambda: is_watching(stage), within=3)


def is_watching(server) -> bool:
    watching = Watching(server)
    eventually(lambda: watching.statuses or watching.code)
    watching.cancel()
    return watching.statuses == [SERVING]


def test_a_watch_takes_no_turn_s_slot(stage):
    watching = Watching(stage)
    assert eventually(lambda: watching.statuses)
    assert stage.active_turns == 0
    watching.cancel()


def test_a_server_that_stops_is_told_to_all_who_watch(serve):
    server = serve(replies=REPLIES)
    watchers = [Watching(server, service) for service in (*SERVICES, "stranger")]
    assert eventually(lambda: all(watcher.statuses for watcher in watchers))
    turn = server.begin("slow")
    turn.wait_for("audio_chunk")
    assert server.metrics().value("nexy_ready") == 1
    server.send(signal.SIGTERM)
    assert eventually(lambda: all(watcher.statuses == [SERVING, NOT_SERVING] for watcher in watchers[:2]))
    answer = server.request("/health")
    assert answer.status == 503 and "no-store" in answer.headers["Cache-Control"]
    assert (answer.json["status"], answer.json["ready"]) == ("draining", False) and answer.json["reasons"]
    assert server.request("/status").json["health"] == "draining"
    assert server.metrics().value("nexy_ready") == 0
    assert turn.ended().code == grpc.StatusCode.OK
    assert all(eventually(lambda: watcher.code) == grpc.StatusCode.UNAVAILABLE for watcher in watchers)
    assert watchers[2].statuses == [SERVICE_UNKNOWN]
    assert server.exit_status() == 0


@pytest.fixture(scope="module")
def broken(serve_for_file, tmp_path_factory):
    """A server whose engine went away after one good turn, and failed four times since."""
    engine = tmp_path_factory.mktemp("engine") / "engine"
    engine.symlink_to(shutil.which("espeak-ng"))
    server = serve_for_file(replies=REPLIES, tts="espeak", environment={"ESPEAK_BINARY": str(engine)})
    server.good = server.play("good").code
    engine.unlink()
    server.bad = server.play("good").code
    for _ in range(3):
        server.play("good")
    return server


def test_a_turn_that_cannot_be_spoken_ends_well(broken):
    assert (broken.good, broken.bad) == (grpc.StatusCode.OK, grpc.StatusCode.OK)


def test_a_server_without_its_speech_engine_is_not_serving_until_it_is_there(serve, tmp_path):
    engine = tmp_path / "engine"
    server = serve(replies=REPLIES, tts="espeak", environment={"ESPEAK_BINARY": str(engine)})
    watching = Watching(server)
    assert eventually(lambda: check(server) == NOT_SERVING, within=RECOVERY)
    assert check(server, VOICE) == NOT_SERVING
    answer = server.request("/health")
    assert answer.status == 200
    assert (answer.json["status"], answer.json["ready"]) == ("degraded", False)
    assert len(answer.json["reasons"]) == 1 and "espeak" in answer.json["reasons"][0], answer.json
    assert "no-store" in answer.headers["Cache-Control"]
    assert server.request("/status").json["voice_available"] is False
    assert server.metrics().value("nexy_ready") == 0
    assert server.log.find(r"level=ERROR scope=server decision=degrade .*engine")
    heard = server.play("good")
    assert heard.code == grpc.StatusCode.OK and heard.text and not heard.audio, heard
    engine.symlink_to(shutil.which("espeak-ng"))
    assert eventually(lambda: check(server) == SERVING, within=RECOVERY)
    assert check(server, VOICE) == SERVING
    answer = server.request("/health")
    assert (answer.status, answer.json["status"], answer.json["ready"]) == (200, "OK", True)
    assert answer.json["reasons"] == []
    assert server.log.find("decision=recover")
    assert eventually(lambda: watching.statuses[-2:] == [NOT_SERVING, SERVING]), watching.statuses
    assert server.play("good").seconds > 0.5
    watching.cancel()


def test_a_client_of_released_kind_still_gets_its_answer_while_the_engine_is_missing(serve, tmp_path):
    server = serve(replies=REPLIES, tts="espeak", environment={"ESPEAK_BINARY": str(tmp_path / "none")})
    began = time.monotonic()
    heard = server.play("good")
    assert heard.kinds[-1] == "end_message" and heard.text and time.monotonic() - began < 3, heard


# Reflection by both of its names: the messages are the same.
VERSIONS = ["v1", "v1alpha"]


def reflect(server, version: str, **question) -> reflection_pb2.ServerReflectionResponse:
    call = server.client.channel.stream_stream(
        f"/grpc.reflection.{version}.ServerReflection/ServerReflectionInfo",
        request_serializer=reflection_pb2.ServerReflectionRequest.SerializeToString,
        response_deserializer=reflection_pb2.ServerReflectionResponse.FromString,
    )
    [answer] = call(iter([reflection_pb2.ServerReflectionRequest(host="here", **question)]), timeout=10)
    assert answer.valid_host == "here" and answer.original_request == reflection_pb2.ServerReflectionRequest(
        host="here", **question
    )
    return answer


@pytest.mark.parametrize("version", VERSIONS)
def test_reflection_lists_every_service(stage, version):
    names = {service.name for service in reflect(stage, version, list_services="*").list_services_response.service}
    assert names == {
        VOICE,
        "grpc.health.v1.Health",
        "grpc.reflection.v1.ServerReflection",
        "grpc.reflection.v1alpha.ServerReflection",
    }


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(
    "question",
    [
        dict(file_by_filename="streaming.proto"),
        dict(file_containing_symbol=VOICE),
        dict(file_containing_symbol=f"{VOICE}.StreamAudio"),
        dict(file_containing_symbol="streaming.StreamRequest"),
        dict(file_containing_symbol="streaming.RequestPhase"),
    ],
    ids=str,
)
def test_reflection_gives_the_contract(stage, version, question):
    [encoded] = reflect(stage, version, **question).file_descriptor_response.file_descriptor_proto
    file = FileDescriptorProto.FromString(encoded)
    # protoc tells how each field is called in JSON as well; Python leaves that out.
    for message in [*file.message_type, *(nested for message in file.message_type for nested in message.nested_type)]:
        for field in message.field:
            field.ClearField("json_name")
    assert file == FileDescriptorProto.FromString(messages.DESCRIPTOR.serialized_pb)


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(
    "question",
    [
        dict(file_by_filename="/etc/passwd"),
        dict(file_by_filename=""),
        dict(file_containing_symbol="streaming.Nothing"),
        dict(all_extension_numbers_of_type="streaming.StreamRequest"),
        {},
    ],
    ids=str,
)
def test_reflection_answers_what_it_has_not_with_an_error_and_goes_on(stage, version, question):
    answer = reflect(stage, version, **question)
    expected = grpc.StatusCode.NOT_FOUND if question else grpc.StatusCode.INVALID_ARGUMENT
    assert answer.error_response.error_code == expected.value[0] and answer.error_response.error_message, answer


def test_a_tool_of_grpc_finds_a_method_and_its_messages(stage):
    pool = descriptor_pool.DescriptorPool(ProtoReflectionDescriptorDatabase(stage.client.channel))
    method = pool.FindServiceByName(VOICE).FindMethodByName("StreamAudio")
    assert method.input_type.full_name == "streaming.StreamRequest" and method.server_streaming
    assert "hardware_id" in method.input_type.fields_by_name
    assert pool.FindServiceByName("grpc.health.v1.Health").FindMethodByName("Watch").server_streaming


@pytest.mark.parametrize("version", VERSIONS)
def test_reflection_may_be_switched_off_and_on_while_the_server_runs(serve, version):
    server = serve(replies=REPLIES, files={"config.env": "GRPC_REFLECTION_ENABLED=false\n"})
    with pytest.raises(grpc.RpcError) as refused:
        reflect(server, version, list_services="")
    assert refused.value.code() == grpc.StatusCode.UNIMPLEMENTED
    assert check(server) == SERVING
    (server.work / "config.env").write_text("GRPC_REFLECTION_ENABLED=true\n")
    assert eventually(lambda: server.request("/status").json["flags"]["features.grpc_reflection"], within=1.5)
    assert reflect(server, version, list_services="").list_services_response.service


def test_an_engine_that_broke_while_the_server_ran_was_noticed(broken):
    assert eventually(lambda: check(broken) == NOT_SERVING, within=RECOVERY)
    assert broken.request("/health").json["status"] == "degraded"
