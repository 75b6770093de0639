"""The listeners of the fake GitHub: its API, uploads, web and storage, as requests and answers."""

import contextlib
import hashlib
import json
import re
import secrets
import socket
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, quote, unquote, urlsplit

from github_shelves import Asset, Entry, Release

PIECE = 1 << 20


class Listener(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, address, role: str, github):
        self.role, self.github = role, github
        self._connections: set[socket.socket] = set()
        super().__init__(address, Handler)
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()

    def process_request(self, request, client_address):
        self._connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request):
        self._connections.discard(request)
        super().shutdown_request(request)

    def end_connections(self) -> None:
        for connection in list(self._connections):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request, client_address):
        """A client that leaves is none of the fake's failures."""


class Cut(Exception):
    """The connection ends here."""


class Refusal(Exception):
    def __init__(self, status: int, message: str, **more):
        self.status, self.body = (
            status,
            {"message": message, "documentation_url": "https://docs.github.com/rest"} | more,
        )
        super().__init__(message)


def taken() -> Refusal:
    errors = [{"resource": "ReleaseAsset", "code": "already_exists", "field": "name"}]
    return Refusal(422, "Validation Failed", errors=errors)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    # A client that hangs holds a thread for no longer.
    timeout = 60

    def log_message(self, *_):
        """Requests are kept in the fake's own log."""

    def handle_one_request(self):
        try:
            super().handle_one_request()
        except (Cut, ConnectionError, TimeoutError):
            self.close_connection = True

    def _serve(self):
        self.github = self.server.github
        self.role: str = self.server.role
        parts = urlsplit(self.path)
        self.query = {name: values[0] for name, values in parse_qs(parts.query, keep_blank_values=True).items()}
        self.segments = [unquote(part) for part in parts.path.strip("/").split("/")]
        self.left = size = int(self.headers.get("Content-Length") or 0)
        began = time.monotonic()
        self.status, self.is_carried_out = None, False
        name = f"?name={self.query['name']}" if "name" in self.query else ""
        self.where = f"{self.role}:{parts.path}{name}"
        self.fault = self.github.next_fault(self.command, self.where)
        is_mutation = self.role in ("api", "uploads") and self.command in ("POST", "PATCH", "PUT", "DELETE")
        self.kill = self.github.next_kill() if is_mutation else None
        try:
            self._judge()
        finally:
            headers = tuple(sorted(name.lower() for name in self.headers))
            seconds, path = time.monotonic() - began, parts.path + name
            self.github.log.append(
                Entry(self.role, self.command, path, headers, self.status, self.is_carried_out, seconds, size)
            )

    do_GET = do_HEAD = do_POST = do_PATCH = do_PUT = do_DELETE = do_OPTIONS = _serve

    def _judge(self):
        what = f"{self.command} {self.where}"
        if self.kill and self.kill.moment == "before":
            self.kill.strike(what)
            raise Cut
        fault = self.fault
        is_instead = (fault.cuts or fault.status) and not fault.is_carried_out
        is_upload = self.role == "uploads"
        if is_instead and not is_upload and self.role != "storage":
            self._discard()
            if fault.cuts:
                raise Cut
            return self._answer_fault()
        try:
            status, body, headers = getattr(self, f"_{self.role}")()
        except Refusal as refusal:
            self._discard()
            return self._json(refusal.status, refusal.body)
        if status is None:
            return None
        if self.kill:
            self.kill.strike(what)
            raise Cut
        if fault.cuts:
            raise Cut
        if fault.status:
            return self._answer_fault()
        return self._json(status, body, headers)

    def _answer_fault(self):
        headers = dict(self.fault.headers)
        if self.fault.resets_in is not None:
            headers["x-ratelimit-reset"] = str(int(time.time() + self.fault.resets_in) + 1)
        self._json(self.fault.status, {"message": self.fault.message}, headers)

    # --- The API

    def _api(self):
        self._authenticate()
        github = self.github
        owner, name = github.repository.split("/")
        match "GET" if self.command == "HEAD" else self.command, self.segments:
            case "GET", ["rate_limit"]:
                return 200, {"rate": {"limit": 5000, "remaining": 4999, "reset": int(time.time()) + 3600}}, {}
            case "GET", ["user"] if self.is_known:
                return 200, {"login": "operator", "id": 1}, {}
            case method, ["repos", one, other, *rest] if (one.lower(), other.lower()) == (owner, name):
                with github.lock:
                    return self._repository(method, rest)
        raise Refusal(404, "Not Found")

    def _repository(self, method: str, rest: list[str]):
        github, shelves = self.github, self.github.shelves
        base = f"{github.api}/repos/{github.repository}/releases"
        match method, rest:
            case "GET", []:
                told = {
                    "full_name": github.repository,
                    "archived": shelves.is_archived,
                    "private": False,
                    "disabled": False,
                }
                return 200, told | ({"permissions": shelves.permissions} if self.is_known else {}), {}
            case "GET", ["immutable-releases"]:
                if shelves.immutable_releases is None or not self.is_known:
                    raise Refusal(404, "Not Found")
                return 200, shelves.immutable_releases, {}
            case "GET", ["releases"]:
                seen = [one for one in shelves.releases if self.is_known or not one.is_draft]
                return self._page([github.release_json(release) for release in seen], base)
            case "GET", ["releases", "tags", tag]:
                release = next((one for one in shelves.releases if one.tag == tag and not one.is_draft), None)
                return 200, github.release_json(self._there(release)), {}
            case "GET", ["releases", "assets", identifier]:
                release, asset = self._there(github.find(identifier))
                if "application/octet-stream" in self.headers.get("Accept", ""):
                    if asset.state != "uploaded":
                        raise Refusal(404, "Not Found")
                    return self._redirect(asset)
                return 200, github.asset_json(release, asset), {}
            case "GET", ["releases", identifier]:
                return 200, github.release_json(self._release(identifier)), {}
            case "GET", ["releases", identifier, "assets"]:
                release = self._release(identifier)
                told = [github.asset_json(release, asset) for asset in release.assets]
                return self._page(told, f"{base}/{release.identifier}/assets")
            case "PATCH", ["releases", "assets", identifier]:
                release, asset = self._writable(self._there(github.find(identifier)))
                return self._rename(release, asset)
            case "DELETE", ["releases", "assets", identifier]:
                release, asset = self._writable(self._there(github.find(identifier)))
                github.changes(release, asset.name)
                github.drop(release, asset)
                self.is_carried_out = True
                return 204, None, {}
            case "POST", ["releases", _, "assets"]:
                raise Refusal(404, "Uploads go to the address that the release tells.")
        raise Refusal(404, "Not Found")

    def _rename(self, release: Release, asset: Asset):
        try:
            wanted = json.loads(self.rfile.read(self.left))
        except ValueError:
            raise Refusal(400, "Problems parsing JSON") from None
        self.left = 0
        name = sanitised(wanted.get("name", asset.name))
        other = release.named(name)
        if other and other is not asset:
            raise taken()
        self.github.changes(release, asset.name, name)
        asset.name, asset.label = name, wanted.get("label", asset.label)
        self.is_carried_out = True
        return 200, self.github.asset_json(release, asset), {}

    def _page(self, rows: list[dict], address: str):
        size = min(int(self.query.get("per_page", 30)), 100)
        page, last = int(self.query.get("page", 1)), max(1, -(-len(rows) // size))
        links = [("prev", page - 1), ("next", page + 1), ("last", last), ("first", 1)]
        shown = [
            f'<{address}?per_page={size}&page={number}>; rel="{name}"'
            for name, number in links
            if 1 <= number <= last and number != page
        ]
        return 200, rows[(page - 1) * size : page * size], {"Link": ", ".join(shown)} if shown else {}

    def _authenticate(self):
        if "User-Agent" not in self.headers:
            raise Refusal(403, "Request forbidden by administrative rules. Make sure that it has a User-Agent header.")
        kind, _, token = self.headers.get("Authorization", "").partition(" ")
        self.is_known = bool(token) and kind.lower() in ("bearer", "token") and token == self.github.token
        if "Authorization" in self.headers and not self.is_known:
            raise Refusal(401, "Bad credentials")
        if self.command not in ("GET", "HEAD") and not self.is_known:
            raise Refusal(401, "Requires authentication")

    def _there(self, found):
        if found is None:
            raise Refusal(404, "Not Found")
        return found

    def _release(self, identifier: str) -> Release:
        releases = self.github.shelves.releases
        return self._there(next((one for one in releases if str(one.identifier) == identifier), None))

    def _writable(self, found: tuple[Release, Asset | None]):
        shelves, release = self.github.shelves, found[0]
        if shelves.is_archived:
            raise Refusal(403, "Repository was archived so is read-only.")
        if not shelves.permissions["push"]:
            raise Refusal(403, "Resource not accessible by personal access token")
        if release.is_immutable:
            raise Refusal(422, "Cannot change the assets of an immutable release.")
        return found

    # --- Uploads

    def _uploads(self):
        github, fault = self.github, self.fault
        self._authenticate()
        match self.command, self.segments:
            case "POST", ["repos", owner, name, "releases", identifier, "assets"] if (
                f"{owner}/{name}".lower() == github.repository
            ):
                pass
            case _:
                raise Refusal(404, "Not Found")
        if "Content-Length" not in self.headers or "chunked" in self.headers.get("Transfer-Encoding", ""):
            self.close_connection = True
            raise Refusal(400, "Bad Content-Length: must be told before the body.")
        if not self.query.get("name") or "Content-Type" not in self.headers:
            raise Refusal(400, "Invalid name for request" if "Content-Type" in self.headers else "No Content-Type")
        if (fault.status and not fault.is_carried_out) and not fault.leaves_starter:
            self._discard()
            self._answer_fault()
            return None, None, {}
        name = sanitised(self.query["name"])
        with github.lock:
            release, _ = self._writable((self._release(identifier), None))
            if release.named(name):
                raise taken()
            github.changes(release, name)
            asset = Asset(github.identifier(), name, secrets.token_hex(8))
            asset.label = self.query.get("label", "")
            release.assets.append(asset)
        stop = fault.cut_at
        if self.kill and self.kill.moment == "during":
            stop = self.left // 2
        is_whole = self._receive(asset, stop)
        with github.lock:
            if not is_whole or fault.leaves_starter:
                if not is_whole and stop is not None and not fault.leaves_starter and not self.kill:
                    github.drop(release, asset)
                if self.kill:
                    self.kill.strike(f"POST {self.where}")
                if fault.status:
                    self._answer_fault()
                    return None, None, {}
                raise Cut
            if fault.cuts and not fault.is_carried_out:
                github.drop(release, asset)
                raise Cut
            self._finish(asset)
            self.is_carried_out = True
            return 201, github.asset_json(release, asset), {}

    def _receive(self, asset: Asset, stop: int | None) -> bool:
        """Whether all of the body came and was kept."""
        digest, view = hashlib.sha256(), memoryview(bytearray(PIECE))
        size, pause = 0, self.fault.pause
        with self.github.open(asset) as file:
            while self.left:
                want = min(self.left, PIECE if not pause else 64 << 10)
                count = self.rfile.readinto(view[:want] if stop is None else view[: min(want, stop - size)])
                if not count:
                    return False
                self.left -= count
                size += count
                digest.update(view[:count])
                file.write(view[:count])
                if pause:
                    time.sleep(pause)
            file.truncate()
        asset.size, asset.sha256 = size, digest.hexdigest()
        return True

    def _finish(self, asset: Asset):
        asset.state, asset.digest = "uploaded", f"sha256:{asset.sha256}"
        match self.fault.alters:
            case "digest":
                asset.digest = "sha256:" + hashlib.sha256(b"something else").hexdigest()
            case "no digest":
                asset.digest = None
            case "name":
                asset.name = f"default.{asset.name}"
            case "bytes" | "short" as how:
                content = bytearray(self.github.file(asset).read_bytes())
                content = content[:-1] if how == "short" else content[:-1] + bytes([content[-1] ^ 1])
                self.github.file(asset).write_bytes(content)
                asset.size, asset.sha256 = len(content), hashlib.sha256(content).hexdigest()
                asset.digest = f"sha256:{asset.sha256}"

    # --- The web and the storage

    def _web(self):
        self._expect_no_token()
        owner, name = self.github.repository.split("/")
        match self.command, self.segments:
            case "GET" | "HEAD", [one, other, "releases", "download", tag, file] if (one.lower(), other.lower()) == (
                owner,
                name,
            ):
                return self._redirect(self._there(self.github.public(tag, file)))
        raise Refusal(404, "Not Found")

    def _redirect(self, asset: Asset):
        address = f"{self.github.storage}/{asset.stored}?sig={secrets.token_hex(8)}&filename={quote(asset.name)}"
        return 302, None, {"Location": address}

    def _storage(self):
        self._expect_no_token()
        path = self.github.stored(self.segments[0])
        if self.command not in ("GET", "HEAD") or "sig" not in self.query or not path.is_file():
            raise Refusal(404, "BlobNotFound")
        fault = self.fault
        if fault.status:
            self._answer_fault()
            return None, None, {}
        size = path.stat().st_size
        self.status = 200
        self.send_response(200)
        self.send_header("Content-Type", "application/octet-stream")
        self.send_header("Content-Length", str(size))
        self.end_headers()
        if self.command == "HEAD":
            return None, None, {}
        self.wfile.flush()
        with path.open("rb") as file:
            if fault.alters == "bytes" or fault.pause or fault.cuts:
                self._send_faulty(file, size)
            else:
                self.connection.sendfile(file)
        return None, None, {}

    def _send_faulty(self, file, size: int):
        fault = self.fault
        rest = size if not fault.cuts else fault.cut_at if fault.cut_at is not None else 0
        while rest and (piece := bytearray(file.read(min(64 << 10, rest)))):
            rest -= len(piece)
            if fault.alters == "bytes":
                piece[-1] ^= 1
            if fault.pause:
                time.sleep(fault.pause)
            self.connection.sendall(piece)
        if fault.cuts:
            raise Cut

    def _expect_no_token(self):
        if "Authorization" in self.headers:
            self.github.leaks.append(self.where)
            raise Refusal(400, "InvalidArgument: only one auth mechanism is allowed")

    # --- Answers

    def _discard(self):
        """Reads what is left of a body, so that the connection can go on."""
        while self.left:
            piece = self.rfile.read(min(self.left, PIECE))
            if not piece:
                raise Cut
            self.left -= len(piece)

    def _json(self, status: int, body, headers: dict[str, str] | None = None):
        self.status = status
        content = b"" if body is None else json.dumps(body).encode()
        limits = (
            {"x-ratelimit-limit": "5000", "x-ratelimit-remaining": "4999"} if self.role in ("api", "uploads") else {}
        )
        limits |= {"x-ratelimit-reset": str(int(time.time()) + 3600)} if limits else {}
        self.send_response(status)
        for name, value in (limits | {"Content-Type": "application/json; charset=utf-8"} | (headers or {})).items():
            self.send_header(name, value)
        if status != 204:
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)


def sanitised(name: str) -> str:
    """GitHub renames what has letters that it does not keep, and points at either end."""
    return re.sub(r"\.+", ".", re.sub(r"[^A-Za-z0-9._+@-]", ".", name)).strip(".") or "default"
