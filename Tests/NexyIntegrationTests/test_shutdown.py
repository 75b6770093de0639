"""SIGTERM and SIGINT: accept no more, let turns finish for a while, then end them, then exit with 0."""

import os
import signal
import socket
import time
from contextlib import closing

import grpc
import pytest

from client import VoiceClient
from script import prompt_for, reply, stall, text
from server import eventually

REPLIES = {
    "slow": reply("The first sentence is whole. ", text("The second one comes late.", 1_500)),
    "silent": reply("The first sentence is whole. ", fault=stall(1)),
    "good": reply("This turn goes well."),
}

both_signals = pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "SIGINT"])


@both_signals
def test_an_idle_server_exits_at_once(serve, number):
    server = serve(replies=REPLIES)
    server.send(number)
    assert server.exit_status(within=5) == 0


@both_signals
def test_a_server_whose_clients_are_idle_exits_at_once(serve, number):
    server = serve(replies=REPLIES)
    assert server.play("good").code == grpc.StatusCode.OK
    assert server.is_healthy()
    server.send(number)
    assert server.exit_status(within=5) == 0


@both_signals
def test_a_running_turn_finishes_within_the_grace_period(serve, number):
    server = serve(replies=REPLIES)
    turn = server.begin("slow")
    turn.wait_for("audio_chunk")
    server.send(number)
    heard = turn.ended(within=10)
    assert heard.text == "The first sentence is whole. The second one comes late."
    assert heard.kinds[-1] == "end_message" and heard.code == grpc.StatusCode.OK
    assert server.exit_status(within=5) == 0


@both_signals
def test_a_turn_that_outlasts_the_grace_period_ends_with_an_error(serve, number):
    server = serve(replies=REPLIES, environment={"BACKPRESSURE_GRACE_PERIOD": "1"})
    turn = server.begin("silent")
    turn.wait_for("audio_chunk")
    began = time.monotonic()
    server.send(number)
    heard = turn.ended(within=5)
    assert heard.kinds.count("error_message") == 1 and heard.kinds[-1] == "error_message", heard
    assert heard.code == grpc.StatusCode.UNAVAILABLE, heard
    assert heard.details == heard.errors[0]
    assert server.exit_status(within=8) == 0
    assert 0.9 < time.monotonic() - began < 5


def test_several_turns_that_outlast_the_grace_period_all_end_with_an_error(serve):
    server = serve(replies=REPLIES, environment={"BACKPRESSURE_GRACE_PERIOD": "0"})
    turns = [server.begin("silent") for _ in range(5)]
    for turn in turns:
        turn.wait_for("audio_chunk")
    server.send(signal.SIGTERM)
    for turn in turns:
        heard = turn.ended(within=5)
        assert (heard.code, heard.kinds[-1]) == (grpc.StatusCode.UNAVAILABLE, "error_message"), heard
    assert server.exit_status(within=8) == 0


def test_a_greeting_that_outlasts_the_grace_period_does_not_hold_the_server(serve, tmp_path):
    engine = tmp_path / "engine"
    engine.write_text("#!/bin/sh\nexec sleep 60\n")
    engine.chmod(0o755)
    server = serve(tts="espeak", environment={"ESPEAK_BINARY": str(engine), "BACKPRESSURE_GRACE_PERIOD": "1"})
    greeting = server.client.begin_welcome("Hello there, my friend.")
    assert eventually(lambda: "method=GenerateWelcomeAudio decision=start" in server.log.text)
    server.send(signal.SIGTERM)
    heard = greeting.ended(within=8)
    assert heard.code != grpc.StatusCode.OK
    assert server.exit_status(within=8) == 0


def test_a_server_that_stops_takes_no_new_turn(serve):
    server = serve(replies=REPLIES)
    turn = server.begin("slow")
    turn.wait_for("audio_chunk")
    server.send(signal.SIGTERM)
    server.log.find("Draining|decision=shutdown", within=5)
    assert server.play("good", timeout=5).code == grpc.StatusCode.UNAVAILABLE
    assert turn.ended().code == grpc.StatusCode.OK
    assert server.exit_status() == 0


def test_a_new_client_is_turned_away_while_the_server_stops(serve):
    server = serve(replies=REPLIES)
    turn = server.begin("slow")
    turn.wait_for("audio_chunk")
    server.send(signal.SIGTERM)
    server.log.find("Draining|decision=shutdown", within=5)
    with closing(VoiceClient(server.grpc_port)) as newcomer:
        assert newcomer.turn(prompt_for("good"), timeout=5).code == grpc.StatusCode.UNAVAILABLE
    assert turn.ended().code == grpc.StatusCode.OK
    assert server.exit_status() == 0


def test_the_ports_are_free_again(serve):
    first = serve(replies=REPLIES)
    first.play("good")
    assert first.stop() == 0
    second = serve(replies=REPLIES, ports=(first.grpc_port, first.http_port))
    assert second.play("good").code == grpc.StatusCode.OK


@pytest.mark.parametrize("place", ["gRPC", "HTTP"])
def test_a_busy_port_is_told_with_the_process_that_holds_it(serve, place):
    with closing(socket.socket()) as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]
        server = serve(ports=(port, 0) if place == "gRPC" else (0, port), ready=False)
        assert server.exit_status(within=10) == 1
    assert str(port) in server.log.text
    assert f"{os.getpid()}" in server.log.text
    assert f"{place.upper()}_PORT" in server.log.text
    assert "is ready" not in server.output.text


def test_a_second_server_names_the_first(serve):
    first = serve()
    second = serve(ports=(first.grpc_port, 0), ready=False)
    assert second.exit_status(within=10) == 1
    assert str(first.process.pid) in second.log.text and "nexy" in second.log.text
    assert first.is_healthy()


def test_an_address_that_is_not_here_is_told(serve):
    server = serve("--grpc-host", "203.0.113.7", ready=False)
    assert server.exit_status(within=10) == 1
    assert "203.0.113.7" in server.log.text
