"""The checks through a real nginx that ends TLS before the real server's three listeners."""

import subprocess
from contextlib import closing
from pathlib import Path

import pytest

import nginx_site
from contract import REPOSITORY
from funnel import free_ports
from mutants import FAMILIES, Stage, check, failed
from nginx_site import Nginx, site

# One name and one address, as a check may be told either.
NAMES = "DNS:localhost,IP:127.0.0.1"
DAYS = 365


def openssl(folder: Path, *arguments: str) -> None:
    done = subprocess.run(["openssl", *arguments], cwd=folder, capture_output=True, timeout=60)
    assert done.returncode == 0, done.stderr.decode()


class Authority:
    """A certificate authority of the test's own."""

    def __init__(self, folder: Path, name: str):
        self.folder, self.name = folder, name
        self.certificate = folder / f"{name}.pem"
        openssl(
            folder, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30", "-subj", f"/CN={name}",
            "-keyout", f"{name}.key", "-out", self.certificate.name,
            "-addext", "basicConstraints=critical,CA:true", "-addext", "keyUsage=critical,keyCertSign",
        )  # fmt: skip

    def issue(self, name: str, names: str = NAMES, days: int = DAYS) -> tuple[Path, Path]:
        """A server's certificate and its key; with negative days it has run out."""
        (self.folder / f"{name}.ext").write_text(f"subjectAltName={names}\nextendedKeyUsage=serverAuth\n")
        openssl(
            self.folder, "req", "-newkey", "rsa:2048", "-nodes", "-subj", f"/CN={name}",
            "-keyout", f"{name}.key", "-out", f"{name}.csr",
        )  # fmt: skip
        openssl(
            self.folder, "x509", "-req", "-in", f"{name}.csr",
            "-CA", self.certificate.name, "-CAkey", f"{self.name}.key",
            "-CAcreateserial", "-days", str(days), "-extfile", f"{name}.ext", "-out", f"{name}.pem",
        )  # fmt: skip
        return self.folder / f"{name}.pem", self.folder / f"{name}.key"


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("authority"), "ours")


@pytest.fixture(scope="module")
def port():
    """Of the nginx whose certificate is good; the addresses of releases name it."""
    return free_ports(1)[0]


@pytest.fixture(scope="module")
def stage(serve_for_file, tmp_path_factory, port):
    public = f"https://localhost:{port}/updates"
    stage = Stage(serve_for_file, tmp_path_factory.mktemp("stage"), public=public, voice="espeak")
    yield stage
    stage.close()


@pytest.fixture(scope="module")
def front(stage, authority, port, tmp_path_factory):
    """Starts nginx before the server with a certificate; every one ends with the file."""
    if not Path(nginx_site.NGINX).exists():
        subprocess.run([REPOSITORY / ".ci" / "setup", "nginx-light"], check=True, timeout=600)
    started: dict[tuple, Nginx] = {}

    def at(name: str = "good", **certificate) -> Nginx:
        key = (name, *certificate.items())
        if key not in started:
            number = port if name == "good" else free_ports(1)[0]
            text = site(stage.listeners, number, *authority.issue(name, **certificate))
            started[key] = Nginx(tmp_path_factory.mktemp("nginx"), text, number)
        return started[key]

    yield at
    for one in started.values():
        one.close()


def look(stage, front: Nginx, family: str, *arguments: str, host: str = "localhost") -> tuple[int, dict]:
    return check(family, host, str(front.port), *arguments, folder=stage.server.work, key=stage.key)


def faults(report: dict) -> str:
    return "\n".join(failed(report))


WHERE = [("localhost", family) for family in FAMILIES] + [("127.0.0.1", "smoke"), ("127.0.0.1", "health")]


@pytest.mark.parametrize(("host", "family"), WHERE)
def test_a_check_passes_through_nginx(stage, front, authority, family, host):
    # The rules of nginx's file want the usual ports, and these are free ones; test_nginx_example.py holds them.
    files = ["--log", str(stage.log)] if family in ("interceptors", "preflight") else []
    status, report = look(stage, front(), family, "--ca", str(authority.certificate), *files, host=host)
    assert (status, report["verdict"]) == (0, "passed"), faults(report)
    assert report["target"]["tls"] == "on", report["target"]


def test_every_point_fails_where_another_authority_is_believed(stage, front, tmp_path):
    other = Authority(tmp_path, "theirs")
    for family in ("smoke", "health"):
        status, report = look(stage, front(), family, "--ca", str(other.certificate))
        assert (status, report["verdict"]) == (1, "failed"), report
        # Its names and days can be read all the same.
        passed = [point["id"] for point in report["points"] if point["verdict"] == "passed"]
        assert all("certificate" in one for one in passed), passed


def test_an_authority_that_the_system_does_not_know_is_not_believed(stage, front):
    status, report = look(stage, front(), "smoke")
    assert (status, report["verdict"]) == (1, "failed"), report


def test_insecure_believes_any_certificate(stage, front):
    for family in ("smoke", "health"):
        status, report = look(stage, front(), family, "--insecure")
        assert (status, report["verdict"]) == (0, "passed"), faults(report)


def test_a_pinned_certificate_is_believed_and_no_other(stage, front, authority):
    other, _ = authority.issue("pinned")
    good = authority.folder / "good.pem"
    assert front() and look(stage, front(), "smoke", "--pin", str(good))[0] == 0
    status, report = look(stage, front(), "smoke", "--pin", str(other))
    assert (status, report["verdict"]) == (1, "failed"), report


def test_a_pinned_certificate_is_that_of_every_port(stage, front, authority):
    other = front("another")
    ports = ["--http-port", str(front().port), "--updates-port", str(other.port)]
    status, report = look(stage, front(), "health", "--pin", str(authority.folder / "good.pem"), *ports)
    assert (status, report["verdict"]) == (1, "failed"), report
    assert str(other.port) in faults(report), report


def certificate_faults(report: dict) -> list[dict]:
    return [
        point
        for point in report["points"]
        if point["verdict"] == "failed" and "certificate" in f"{point['id']} {point['title']}".lower()
    ]


@pytest.mark.parametrize("trust", ["--ca", "--insecure"])
def test_a_certificate_that_has_run_out_fails(stage, front, authority, trust):
    believed = [trust, str(authority.certificate)] if trust == "--ca" else [trust]
    status, report = look(stage, front("old", days=-1), "health", *believed)
    assert (status, report["verdict"]) == (1, "failed"), report
    assert certificate_faults(report), report["points"]


@pytest.mark.parametrize("trust", ["--ca", "--insecure"])
def test_a_certificate_of_another_name_fails(stage, front, authority, trust):
    believed = [trust, str(authority.certificate)] if trust == "--ca" else [trust]
    status, report = look(stage, front("other", names="DNS:example.org"), "health", *believed)
    assert (status, report["verdict"]) == (1, "failed"), report
    assert certificate_faults(report), report["points"]


def test_a_certificate_that_runs_out_soon_is_told(stage, front, authority):
    """Its days are told, and a week is too few."""
    few = front("soon", days=5)
    status, report = look(stage, few, "health", "--ca", str(authority.certificate))
    assert (status, report["verdict"]) == (1, "failed"), report
    assert certificate_faults(report), report["points"]


def test_plain_http_to_a_port_with_tls_fails(stage, front):
    status, report = look(stage, front(), "smoke", "--tls", "off")
    assert (status, report["verdict"]) == (1, "failed"), report


def test_a_server_that_is_away_behind_nginx_is_a_fault(stage, authority, tmp_path_factory):
    """nginx answers 502, and no call of the voice gets through."""
    port, *dead = free_ports(4)
    ports = dict(zip(("voice", "http", "updates"), dead))
    text = site(ports, port, *authority.issue("away"))
    with closing(Nginx(tmp_path_factory.mktemp("nginx"), text, port)) as front:
        for family in ("smoke", "health", "updates"):
            status, report = look(stage, front, family, "--ca", str(authority.certificate))
            assert (status, report["verdict"]) == (1, "failed"), report
