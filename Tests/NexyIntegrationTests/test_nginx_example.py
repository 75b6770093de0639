"""The ingress that is offered as an example, before nginx itself and before the preflight."""

import json
import shutil
import socket
import subprocess

import pytest

from contract import REPOSITORY
from server import BINARY, clean_environment, eventually

EXAMPLE = REPOSITORY / "deploy" / "nginx" / "nexy.conf.example"
pytestmark = pytest.mark.skipif(not shutil.which("nginx"), reason="nginx is not installed")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A configuration as Debian lays it out, with a certificate of its own."""
    folder = tmp_path_factory.mktemp("nginx")
    (folder / "sites-enabled").mkdir()
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
        + ["-subj", "/CN=nexy.example.org", "-keyout", folder / "key.pem", "-out", folder / "cert.pem"],
        check=True,
        capture_output=True,
    )
    (folder / "proxy_params").write_text("proxy_set_header Host $host;\n")
    (folder / "nginx.conf").write_text(
        f"pid {folder}/nginx.pid;\nerror_log stderr;\nevents {{}}\n"
        f"http {{\n    access_log off;\n    include {folder}/sites-enabled/*;\n}}\n"
    )
    return folder


def lay(folder, text):
    live = "/etc/letsencrypt/live/nexy.example.org"
    text = text.replace(f"{live}/fullchain.pem", f"{folder}/cert.pem").replace(f"{live}/privkey.pem", f"{folder}/key.pem")
    for site in (folder / "sites-enabled").iterdir():
        site.unlink()
    (folder / "sites-enabled" / "nexy").write_text(text)


def nginx(folder):
    return subprocess.run(
        ["nginx", "-t", "-p", folder, "-c", folder / "nginx.conf"], capture_output=True, text=True, timeout=60
    )


def points(folder):
    """The preflight's points about nginx; no server is needed for them."""
    done = subprocess.run(
        [BINARY, "check", "preflight", "127.0.0.1", "1", "--http-port", "2", "--updates-port", "3", "--timeout", "1"]
        + ["--json", "--nginx", folder / "nginx.conf"],
        capture_output=True,
        text=True,
        timeout=120,
        cwd=folder,
        env=clean_environment(folder),
    )
    assert done.returncode == 1, done.stderr
    found = json.loads(done.stdout)["points"]
    return {point["id"]: point for point in found if point["id"].startswith("preflight.nginx.")}


def test_the_example_is_good_before_nginx_and_before_the_preflight(folder):
    lay(folder, EXAMPLE.read_text())
    tried = nginx(folder)
    assert tried.returncode == 0, tried.stderr
    verdicts = {name: (point["verdict"], point["observed"]) for name, point in points(folder).items()}
    assert len(verdicts) >= 20
    assert {name: told for name, told in verdicts.items() if told[0] != "passed"} == {}


def test_what_nginx_takes_and_the_server_cannot_live_with_fails(folder):
    text = EXAMPLE.read_text().replace("client_max_body_size 16m;", "").replace("127.0.0.1:8081", "127.0.0.1:8083")
    lay(folder, text)
    assert nginx(folder).returncode == 0
    failed = [name for name, point in points(folder).items() if point["verdict"] == "failed"]
    assert failed == ["preflight.nginx.runtime", "preflight.nginx.body"]


BROKEN = {
    "a block that is never closed": "server { listen 443 ssl;",
    "a block that was never opened": "server { listen 443; } }",
    "no semicolon": "server { listen 443 }",
    "a quotation mark that is never closed": 'server { server_name "nexy; }',
    "something after a quotation mark": 'server { server_name "nexy"x; }',
    "a semicolon alone": ";",
    "a brace alone": "{ }",
    "an include that is not there": "include nothing/here.conf;",
    "an include of itself": "include sites-enabled/nexy;",
    "a byte order mark": "\ufeffserver { listen 443; }",
    "a word without end": "server { server_name " + "x" * 5000 + "; }",
    "nothing closed in 100 blocks": "location / {" * 100,
}
READ = {
    "comments, quotes and escapes": 'server { # one }\n server_name "a b" \'c"d\' e\\;f; }# end',
    "Windows line ends": "server {\r\n listen 8443;\r\n}\r\n",
    "variables with braces": "server { set $x ${host}y; set $z a${x}; }",
    "a closing brace within a word": "server { server_name a}b; }",
    "a parenthesis after a quotation mark": 'server { if ($host = "x") { return 404; } }',
    "a glob of nothing": "include sites-enabled/*.nothing;",
    "nothing": "",
}


@pytest.mark.parametrize("text", BROKEN.values(), ids=BROKEN)
def test_what_nginx_refuses_to_read_is_refused(folder, text):
    lay(folder, text)
    assert nginx(folder).returncode != 0
    assert points(folder)["preflight.nginx.read"]["verdict"] == "failed"


@pytest.mark.parametrize("text", READ.values(), ids=READ)
def test_what_nginx_reads_is_read(folder, text):
    lay(folder, text)
    tried = nginx(folder)
    assert tried.returncode == 0, tried.stderr
    assert points(folder)["preflight.nginx.read"]["verdict"] == "passed"


@pytest.fixture
def ingress(folder, serve):
    """A server, and a real nginx in front of it that has the example's configuration."""
    server = serve()
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    text = EXAMPLE.read_text().replace("listen 80;", f"listen 127.0.0.1:{port + 1};")
    text = text.replace("listen 443 ssl", f"listen 127.0.0.1:{port} ssl")
    for usual, ours in {50051: server.grpc_port, 8080: server.http_port, 8081: server.updates_port}.items():
        text = text.replace(f"server 127.0.0.1:{usual};", f"server 127.0.0.1:{ours};")
    lay(folder, text)
    process = subprocess.Popen(["nginx", "-p", folder, "-c", folder / "nginx.conf", "-g", "daemon off;"])
    try:
        assert eventually(lambda: answers(port))
        yield server, port
    finally:
        process.terminate()
        process.wait(20)


def answers(port):
    with socket.socket() as line:
        return line.connect_ex(("127.0.0.1", port)) == 0


def test_the_example_carries_every_call_of_the_voice_service(folder, ingress):
    server, port = ingress
    # nginx takes a short reply whole, so a turn that should be interrupted may be over: that one point is open here. The
    # certificate is the example's, without this host's name, and ends in two days; nothing is published.
    known = {"smoke": {"smoke.interrupt.running"}, "health": {"health.certificate.names", "health.certificate.days"}}
    for check, expected in known.items():
        done = subprocess.run(
            [BINARY, "check", check, "localhost", str(port), "--pin", folder / "cert.pem", "--json"],
            capture_output=True,
            text=True,
            timeout=240,
            cwd=folder,
            env=clean_environment(folder),
        )
        found = json.loads(done.stdout)["points"]
        failed = {point["id"]: point["observed"] for point in found if point["verdict"] == "failed"}
        assert set(failed) - expected - {"health.updates"} == set(), failed
        assert len(found) > 10
