"""nginx before a server's three listeners, as docs/operating.md wants it, and as it should not be."""

import re
import shutil
import subprocess
from pathlib import Path

from server import eventually

# Debian puts it where a user's PATH does not look.
NGINX = shutil.which("nginx") or "/usr/sbin/nginx"

SITE = """\
upstream nexy_voice {{ server 127.0.0.1:{voice}; }}
upstream nexy_health {{ server 127.0.0.1:{http}; }}
upstream nexy_updates {{ server 127.0.0.1:{updates}; }}

server {{
    listen 127.0.0.1:{port} ssl http2;
    server_name localhost;
    ssl_certificate {certificate};
    ssl_certificate_key {key};
    ssl_protocols TLSv1.2 TLSv1.3;
    client_max_body_size 20m;

    location / {{
        grpc_pass grpc://nexy_voice;
        grpc_connect_timeout 10s;
        grpc_read_timeout 300s;
        grpc_send_timeout 300s;
    }}
    location = /health {{
        proxy_pass http://nexy_health;
    }}
    location = /status {{
        proxy_pass http://nexy_health;
    }}
    location /updates/ {{
        proxy_pass http://nexy_updates;
        proxy_buffering off;
        proxy_request_buffering off;
        proxy_read_timeout 300s;
        proxy_send_timeout 300s;
    }}
}}
"""

MAIN = """\
daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/error.log warn;
events {{ worker_connections 512; }}
http {{
    access_log {folder}/access.log;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    default_type application/octet-stream;
    include {site};
}}
"""


def site(ports: dict[str, int], port: int, certificate: Path, key: Path) -> str:
    """The file of one site; `ports` are those of voice, http and updates."""
    return SITE.format(port=port, certificate=certificate, key=key, **ports)


class Nginx:
    """A child that ends with its test; everything it writes is in the folder."""

    def __init__(self, folder: Path, text: str, port: int):
        self.folder, self.port, self.site = folder, port, folder / "nexy.conf"
        self.site.write_text(text)
        main = folder / "nginx.conf"
        main.write_text(MAIN.format(folder=folder, site=self.site))
        self._process = subprocess.Popen(
            [NGINX, "-p", str(folder), "-e", str(folder / "error.log"), "-c", str(main)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        if not eventually(lambda: (folder / "nginx.pid").exists() or self._process.poll() is not None, 10):
            self.close()
            raise AssertionError("nginx does not come up")
        if self._process.poll() is not None:
            raise AssertionError(f"nginx ended: {self._process.stderr.read().decode()}")

    def close(self) -> None:
        self._process.terminate()
        try:
            self._process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(timeout=10)
        self._process.stderr.close()


def replaced(pattern: str, words: str):
    """A site's file with other words where the pattern fits; it has to."""

    def change(text: str) -> str:
        changed, count = re.subn(pattern, words, text)
        assert count, f"no {pattern!r} in the site's file"
        return changed

    return change


def swapped_upstreams(text: str) -> str:
    """Voice goes to the port of health, and health to that of voice."""
    voice = re.search(r"nexy_voice \{ server ([\d.:]+)", text)[1]
    health = re.search(r"nexy_health \{ server ([\d.:]+)", text)[1]
    return text.replace(voice, "VOICE").replace(health, voice).replace("VOICE", health)
