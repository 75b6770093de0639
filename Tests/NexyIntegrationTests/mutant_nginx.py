"""What may be wrong with the file of the proxy before the server."""

from mutation import Mutation
from nginx_site import replaced, swapped_upstreams


def row(name: str, breaks: str, nginx) -> Mutation:
    return Mutation(name, breaks, "preflight", "preflight.", nginx=nginx)


def without(location: str):
    return replaced(r"(?s)    location (= )?" + location + r" \{.*?\n    \}\n", "")


MUTATIONS = [
    row("no-http2", "the site speaks HTTP/2", replaced(" ssl http2;", " ssl;")),
    row("swapped-upstreams", "each route goes to its port", swapped_upstreams),
    row(
        "voice-elsewhere",
        "grpc_pass goes to the voice port",
        replaced(r"(nexy_voice \{ server 127.0.0.1):\d+", r"\1:1"),
    ),
    row("short-read", "a turn may take five minutes", replaced("grpc_read_timeout 300s", "grpc_read_timeout 30s")),
    row("small-body", "the largest request passes", replaced("client_max_body_size 20m", "client_max_body_size 1m")),
    row("no-body-size", "the largest request passes", replaced(r" *client_max_body_size 20m;\n", "")),
    row(
        "buffered", "downloads pass as they come", replaced("        proxy_buffering off", "        proxy_buffering on")
    ),
    row("no-updates-route", "/updates/ is routed", without("/updates/")),
    row("no-status-route", "/status is routed", without("/status")),
    row("no-voice-route", "the voice is routed", without("/")),
]
