"""Production and staging of one binary, side by side in one folder."""

import json
import socket

import pytest

import server as servers
from releases import Releases, config, place, request, served_version
from server import clean_environment, eventually, run_nexy

# What each runtime has where nobody says anything else.
DEFAULTS = {
    "production": {"grpc.port": "50051", "http.port": "8080", "update.port": "8081", "data_dir": "var"},
    "staging": {"grpc.port": "50061", "http.port": "8082", "update.port": "8083", "data_dir": "var/staging"},
}
FILES = {
    "production": ("config.env", "config/nexy.yaml"),
    "staging": ("config.staging.env", "config/nexy.staging.yaml"),
}
PORT_FLAGS = ["--grpc-port", "--http-port", "--update-port"]


def shown(folder, *flags, **options) -> dict[str, str]:
    done = run_nexy("config", "show", "--json", *flags, folder=folder, **options)
    assert done.returncode == 0, done.stderr
    return {row["key"]: str(row["value"]) for row in json.loads(done.stdout)}


@pytest.fixture
def both(serve, tmp_path):
    """Starts runtimes in one folder, each with its own settings file."""
    home = tmp_path / "home"
    work = tmp_path / "work"
    home.mkdir()
    work.mkdir()

    def run(runtime: str, settings: dict[str, str] | None = None, flags: tuple[str, ...] = (), ports=(0, 0, 0)):
        if settings is not None:
            place(work / FILES[runtime][0], config(settings))
        arguments = ["serve", "--tts-provider", "tone", *flags]
        # Production is what runs when nobody says which.
        arguments += ["--runtime", runtime] if runtime == "staging" else []
        for flag, port in zip(PORT_FLAGS, ports):
            arguments += [] if port is None else [flag, str(port)]
        server = servers.Server(arguments, work, clean_environment(home), work / "var", servers.BINARY)
        serve.servers.append(server)
        return server

    run.work = work
    return run


def settings_of(name: str, **more) -> dict[str, str]:
    folder = {"UPDATE_DIR": "updates" if name == "production" else "updates-staging"}
    return {"SERVER_VERSION": "1.1.1.1" if name == "production" else "2.2.2.2"} | folder | more


# --- Settings


@pytest.mark.parametrize("runtime", DEFAULTS)
def test_each_runtime_has_its_own_ports_and_folders(tmp_path, runtime):
    told = shown(tmp_path, "--runtime", runtime)
    assert {key: told[key] for key in DEFAULTS[runtime]} == DEFAULTS[runtime]
    assert told["runtime"] == runtime


def test_production_is_what_runs_when_nobody_says_which(tmp_path):
    assert shown(tmp_path) == shown(tmp_path, "--runtime", "production")


def test_no_port_and_no_file_is_of_both():
    values = [set(DEFAULTS[runtime].values()) | set(FILES[runtime]) for runtime in DEFAULTS]
    assert not values[0] & values[1]


@pytest.mark.parametrize("kind", ["environment", "yaml"])
@pytest.mark.parametrize("runtime", DEFAULTS)
def test_each_runtime_reads_its_own_file_alone(tmp_path, runtime, kind):
    for number, name in enumerate(FILES, 1):
        environment, yaml = FILES[name]
        if kind == "environment":
            place(tmp_path / environment, f"SERVER_VERSION=1.0.0.{number}\nUPDATE_PORT=900{number}\n")
        else:
            place(tmp_path / yaml, f"update:\n  port: 900{number}\n")
    own = 1 + list(FILES).index(runtime)
    assert shown(tmp_path, "--runtime", runtime)["update.port"] == f"900{own}"
    (tmp_path / FILES[runtime][0 if kind == "environment" else 1]).unlink()
    assert shown(tmp_path, "--runtime", runtime)["update.port"] == DEFAULTS[runtime]["update.port"]


@pytest.mark.parametrize("runtime", DEFAULTS)
def test_what_is_wrong_in_the_file_of_one_does_not_stop_the_other(tmp_path, runtime):
    other = next(name for name in FILES if name != runtime)
    place(tmp_path / FILES[other][0], "UPDATE_PORT=many\n")
    assert shown(tmp_path, "--runtime", runtime)["update.port"] == DEFAULTS[runtime]["update.port"]
    done = run_nexy("config", "check", "--runtime", other, folder=tmp_path)
    assert done.returncode == 1 and FILES[other][0] in done.stdout + done.stderr


def test_the_environment_says_which_runtime_it_is(tmp_path):
    told = shown(tmp_path, environment={"NEXY_RUNTIME": "staging"})
    assert (told["runtime"], told["update.port"]) == ("staging", "8083")
    told = shown(tmp_path, "--runtime", "production", environment={"NEXY_RUNTIME": "staging"})
    assert (told["runtime"], told["update.port"]) == ("production", "8081")


@pytest.mark.parametrize("word", ["prod", "stage", "Staging!", "none"])
def test_a_runtime_that_is_none_is_refused(tmp_path, word):
    done = run_nexy("config", "show", "--runtime", word, folder=tmp_path)
    assert done.returncode in (1, 2) and "staging" in done.stderr


def test_the_tools_write_to_the_folder_of_their_runtime(tmp_path):
    place(tmp_path / "config.staging.env", config(settings_of("staging")))
    artifact = Releases.manifest("2.0.0.1")["artifact"]
    for runtime, folder in [("staging", "updates-staging"), ("production", "updates")]:
        (tmp_path / folder / "manifests").mkdir(parents=True)
        options = ["--channel", "stable", "--runtime", runtime, "--version", "2.0.0.1", "--url", artifact["url"]]
        options += ["--size", str(artifact["size"]), "--sha256", artifact["sha256"]]
        done = run_nexy("updates", "manifest", "set", *options, folder=tmp_path)
        assert done.returncode == 0, done.stderr
        assert (tmp_path / folder / "manifests" / "manifest.json").exists()
        (tmp_path / folder / "manifests" / "manifest.json").unlink()


# --- Side by side


def test_both_run_in_one_folder_and_know_nothing_of_each_other(both):
    production = both("production", settings_of("production", UPDATE_BETA_ENABLED="false")).ready()
    staging = both("staging", settings_of("staging", UPDATE_BETA_ENABLED="true")).ready()
    for folder, version in [("updates", "2.0.0.15"), ("updates-staging", "2.1.0.1")]:
        manifests = both.work / folder / "manifests"
        place(manifests / "manifest.json", json.dumps(Releases.manifest(version)))
        place(manifests / "manifest_beta.json", json.dumps(Releases.manifest(version + "0")))
    table = [(production, "2.0.0.15", "1.1.1.1", None), (staging, "2.1.0.1", "2.2.2.2", "2.1.0.10")]
    for server, version, _, beta in table:
        assert eventually(lambda: served_version(server) == version, 10)
        assert served_version(server, "beta") == beta
        assert server.request("/health").json["latest_version"] == version
        assert server.request("/status").json["endpoints"]["updates"] == f"port {server.updates_port}"
        assert request(server, "/health").json["beta_updates_enabled"] == (beta is not None)
    for server in (production, staging):
        assert server.client.turn("hello").ends
    # A change of the settings of one is none of the other.
    place(both.work / "config.staging.env", config(settings_of("staging", UPDATE_BETA_ENABLED="false")))
    assert eventually(lambda: served_version(staging, "beta") is None, 20)
    place(both.work / "config.env", config(settings_of("production", UPDATE_BETA_ENABLED="true")))
    assert eventually(lambda: served_version(production, "beta") == "2.0.0.150", 20)
    assert served_version(staging, "beta") is None
    assert staging.stop() == 0
    assert production.is_healthy() and served_version(production) == "2.0.0.15"
    assert production.stop() == 0


def test_staging_writes_its_log_and_its_data_in_its_own_folder(both):
    production = both("production", settings_of("production")).ready()
    staging = both("staging", settings_of("staging")).ready()
    log = both.work / "var" / "staging" / "nexy.log"
    assert eventually(lambda: log.exists() and "Server started" in log.read_text(), 10)
    assert f'"port": {staging.grpc_port}' in log.read_text()
    assert f'"port": {production.grpc_port}' not in log.read_text()
    opened = {name for name in production.open_files() if name.startswith(str(both.work))}
    assert not [name for name in opened if "/var/staging" in name]
    opened = {name for name in staging.open_files() if name.startswith(str(both.work / "var"))}
    assert [name for name in opened if "/var/staging/" not in f"{name}/"] == []
    assert (staging.stop(), production.stop()) == (0, 0)


def free_ports() -> bool:
    """Whether nobody on this machine has staging's ports."""
    for port in map(int, list(DEFAULTS["staging"].values())[:3]):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("0.0.0.0", port))
            except OSError:
                return False
    return True


def test_staging_listens_on_its_own_ports(both):
    if not free_ports():
        pytest.skip("somebody on this machine has staging's ports")
    staging = both("staging", settings_of("staging"), ports=(None,) * 3).ready()
    assert (staging.grpc_port, staging.http_port, staging.updates_port) == (50061, 8082, 8083)
    assert staging.is_healthy() and staging.stop() == 0


def test_a_port_that_the_other_has_is_told_by_its_setting(both):
    production = both("production", settings_of("production")).ready()
    staging = both("staging", settings_of("staging"), ports=(0, 0, production.updates_port))
    assert staging.exit_status() == 1
    assert "UPDATE_PORT" in staging.log.text and str(production.updates_port) in staging.log.text
    assert production.is_healthy()
