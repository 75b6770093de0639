"""A proxy before the two HTTP listeners, which hands each request to whoever wants to change it or its answer."""

import http.client
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Fields = tuple[tuple[str, str], ...]
# Of a connection, and so the proxy's own.
OURS = {"connection", "keep-alive", "transfer-encoding", "proxy-connection"}


@dataclass(frozen=True)
class Asked:
    # "http" or "updates": which of the two it was asked.
    listener: str
    method: str
    path: str
    fields: Fields
    body: bytes = b""

    @property
    def page(self) -> str:
        """The path as it is without the prefix that a proxy may keep."""
        return self.path.split("?")[0].removeprefix("/updates") if self.listener == "updates" else self.path

    @property
    def plain(self) -> "Asked":
        """The same without conditions and ranges."""
        return replace(self, fields=tuple(pair for pair in self.fields if pair[0].lower() == "host"))

    def without(self, name: str) -> "Asked":
        return replace(self, fields=tuple(pair for pair in self.fields if pair[0].lower() != name.lower()))


@dataclass(frozen=True)
class Answered:
    status: int
    fields: Fields
    body: bytes = b""
    # Whether the connection ends here, however much was promised.
    is_cut: bool = False

    def field(self, name: str) -> str | None:
        return next((value for key, value in self.fields if key.lower() == name.lower()), None)

    def having(self, name: str, value: str | None) -> "Answered":
        """With another value of a field, in its old place; without it when there is none."""
        found = []
        for key, old in self.fields:
            if key.lower() != name.lower():
                found.append((key, old))
            elif value is not None:
                found.append((key, value))
                value = None
        return replace(self, fields=(*found, *([(name, value)] if value is not None else [])))

    def saying(self, body: bytes) -> "Answered":
        """With another body and its length; without the old one's tag."""
        return replace(self.having("Content-Length", str(len(body))).having("ETag", None), body=body)


Fetch = Callable[[Asked], Answered]
Change = Callable[[Asked, Fetch], Answered]


class WebFront:
    """The proxy: one listener for `http` and one for `updates`."""

    def __init__(self, targets: dict[str, int], ports: dict[str, int]):
        self.targets = targets
        self.change: Change | None = None
        # What went wrong in the proxy itself, or in a change.
        self.mistakes: list[BaseException] = []
        self._servers = {name: self._open(name, ports.get(name, 0)) for name in targets}
        self.ports = {name: server.server_port for name, server in self._servers.items()}

    def fetch(self, asked: Asked) -> Answered:
        """What the server itself answers."""
        connection = http.client.HTTPConnection("127.0.0.1", self.targets[asked.listener], timeout=30)
        try:
            connection.putrequest(asked.method, asked.path, skip_host=True, skip_accept_encoding=True)
            for name, value in asked.fields:
                connection.putheader(name, value)
            connection.endheaders(asked.body or None)
            response = connection.getresponse()
            fields = tuple((name, value) for name, value in response.getheaders() if name.lower() not in OURS)
            return Answered(response.status, fields, response.read())
        finally:
            connection.close()

    def close(self) -> None:
        for server in self._servers.values():
            server.shutdown()
            server.server_close()

    def _open(self, listener: str, port: int) -> ThreadingHTTPServer:
        front = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            timeout = 30

            def answer(self) -> None:
                fields = tuple((name, value) for name, value in self.headers.items() if name.lower() not in OURS)
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                asked = Asked(listener, self.command, self.path, fields, body)
                answer = front.change(asked, front.fetch) if front.change else front.fetch(asked)
                self.send_response_only(answer.status)
                for name, value in answer.fields:
                    self.send_header(name, value)
                if answer.is_cut:
                    self.close_connection = True
                self.end_headers()
                self.wfile.write(answer.body)

            do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = do_OPTIONS = do_PATCH = answer

            def log_message(self, *arguments) -> None:
                pass

        class Listener(ThreadingHTTPServer):
            daemon_threads = True
            allow_reuse_address = True
            request_queue_size = 128

            def handle_error(self, request, client_address) -> None:
                # Clients come and go; anything else is a mistake of a change.
                if not isinstance(error := sys.exception(), OSError):
                    front.mistakes.append(error)

        server = Listener(("127.0.0.1", port), Handler)
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return server
