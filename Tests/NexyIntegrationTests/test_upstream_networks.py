"""The networks between: certificates that nobody believes, ports that refuse, and the fault proxy."""

import http.client
import socket
import ssl
import time
import urllib.request

import pytest

from server import eventually
from upstreams.certificate import self_signed
from upstreams.fault_proxy import FaultProxy, Weather, closed_port, deaf_port
from upstreams.plain_client import CALLS, ask, text_of
from upstreams.plays import play
from upstreams.stage import MODELS

SAYS = ("Hello. ", "Привет, ", "😀 there.")


@pytest.fixture(params=MODELS)
def model(request):
    with MODELS[request.param]() as fake:
        yield fake


def test_nobody_believes_a_certificate_that_signed_itself():
    with MODELS["gemini"](tls=self_signed()) as fake:
        with pytest.raises(urllib.request.URLError) as refused:
            urllib.request.urlopen(fake.origin, timeout=5)
        assert isinstance(refused.value.reason, ssl.SSLCertVerificationError)
        assert fake.exchanges == []


def test_ports_that_refuse_and_ports_that_are_deaf():
    with closed_port() as port, pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), timeout=1)
    with deaf_port() as port, pytest.raises(TimeoutError):
        socket.create_connection(("127.0.0.1", port), timeout=0.3)


@pytest.mark.parametrize(
    ("weather", "least", "most"),
    [
        (Weather(), 0, 0.5),
        (Weather(latency=0.1), 0.2, 1),
        (Weather(latency=0.05, jitter=0.05), 0.1, 1),
        (Weather(bandwidth=4_000), 0.2, 3),
    ],
    ids=str,
)
def test_the_proxy_changes_the_time_and_not_a_byte(model, weather, least, most):
    model.plays.set("Hi", play(*SAYS))
    with FaultProxy(model.port, weather) as proxy:
        began = time.monotonic()
        _, _, body = ask(proxy.port, CALLS[model.name]())
        assert text_of(model.name, body) == "".join(SAYS) and proxy.connections == 1
        assert least < time.monotonic() - began < most


def test_the_proxy_resets_and_swallows(model):
    with FaultProxy(model.port, Weather(reset_after=150)) as proxy:
        with pytest.raises((http.client.HTTPException, ConnectionResetError)):
            ask(proxy.port, CALLS[model.name]())
        proxy.weather = Weather(black_hole_after=150)
        with pytest.raises(TimeoutError):
            ask(proxy.port, CALLS[model.name](), timeout=0.3)
        assert eventually(lambda: all(exchange.is_over for exchange in model.exchanges))
