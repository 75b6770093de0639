"""Settings: where they come from, which wins, and what a wrong one does."""

import json

import pytest

from script import reply, script
from server import run_nexy

GOOD_SCRIPT = script({"it": reply("Hello there.")})


@pytest.fixture
def nexy(tmp_path):
    """Runs a command in a folder with these files."""

    def run(*arguments, files: dict[str, str] | None = None, **options):
        for name, content in (files or {}).items():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text(content)
        return run_nexy(*arguments, folder=tmp_path, **options)

    return run


def shown(done) -> dict[str, dict]:
    """What `config show --json` printed, by key and by the environment's name."""
    assert done.returncode == 0, done.stderr
    rows = json.loads(done.stdout)
    return {row["key"]: row for row in rows} | {row["environment"]: row for row in rows}


# Name: how a wrong value is given, and what the refusal must hold: the key, the source, what was read, what is allowed.
WRONG = {
    "a port that is a word": (dict(environment={"GRPC_PORT": "abc"}), ["GRPC_PORT", "environment", "abc", "65535"]),
    "a port that is too high": (
        dict(environment={"HTTP_PORT": "70000"}),
        ["HTTP_PORT", "environment", "70000", "65535"],
    ),
    "a port below zero": (dict(environment={"GRPC_PORT": "-1"}), ["GRPC_PORT", "environment", "-1", "65535"]),
    "a port with a fraction": (dict(environment={"GRPC_PORT": "80.5"}), ["GRPC_PORT", "80.5", "65535"]),
    "an unknown voice": (
        dict(environment={"TTS_PROVIDER": "nope"}),
        ["TTS_PROVIDER", "environment", "nope", "auto", "espeak", "tone"],
    ),
    "an unknown model": (
        dict(environment={"LLM_PROVIDER": "gpt"}),
        ["LLM_PROVIDER", "environment", "gpt", "auto", "offline", "scripted"],
    ),
    "an unknown level": (dict(environment={"LOG_LEVEL": "loud"}), ["LOG_LEVEL", "loud", "info", "error"]),
    "an unknown environment": (dict(environment={"NEXY_ENV": "moon"}), ["NEXY_ENV", "moon", "dev", "stage", "prod"]),
    "a negative grace period": (
        dict(environment={"BACKPRESSURE_GRACE_PERIOD": "-5"}),
        ["BACKPRESSURE_GRACE_PERIOD", "-5"],
    ),
    "an odd chunk size": (dict(environment={"STREAMING_CHUNK_SIZE": "1023"}), ["STREAMING_CHUNK_SIZE", "1023", "4096"]),
    "a chunk size above the contract": (
        dict(environment={"STREAMING_CHUNK_SIZE": "8192"}),
        ["STREAMING_CHUNK_SIZE", "8192", "4096"],
    ),
    "no chunk size": (dict(environment={"STREAMING_CHUNK_SIZE": "0"}), ["STREAMING_CHUNK_SIZE", "0", "4096"]),
    "another sample rate": (dict(environment={"SAMPLE_RATE": "44100"}), ["SAMPLE_RATE", "44100", "48000"]),
    "a switch that is no word for yes or no": (
        dict(environment={"FORWARD_ASSISTANT_ACTIONS": "maybe"}),
        ["FORWARD_ASSISTANT_ACTIONS", "maybe", "true", "false"],
    ),
    "a wrong value in config.env": (
        dict(files={"config.env": "GRPC_PORT=abc\n"}),
        ["GRPC_PORT", "config.env", "abc", "65535"],
    ),
    "a wrong value in YAML": (
        dict(files={"config/nexy.yaml": "grpc:\n  port: abc\n"}),
        ["grpc.port", "config/nexy.yaml", "abc", "65535"],
    ),
    "an unknown key in YAML": (
        dict(files={"config/nexy.yaml": "grcp:\n  port: 50051\n"}),
        ["grcp", "config/nexy.yaml"],
    ),
    "an unknown key in a section": (
        dict(files={"config/nexy.yaml": "grpc:\n  prot: 50051\n"}),
        ["grpc.prot", "config/nexy.yaml"],
    ),
    "YAML that is none": (dict(files={"config/nexy.yaml": "grpc: [unclosed\n"}), ["config/nexy.yaml"]),
    "YAML that is a list": (dict(files={"config/nexy.yaml": "- grpc\n- http\n"}), ["config/nexy.yaml"]),
    "a line that is none in config.env": (
        dict(files={"config.env": "GRPC_PORT=50051\nnonsense\n"}),
        ["config.env", "2"],
    ),
    "a script that is not there": (
        dict(environment={"LLM_PROVIDER": "scripted", "LLM_SCRIPT": "missing.yaml"}),
        ["LLM_SCRIPT", "missing.yaml"],
    ),
    "a script that is none": (
        dict(environment={"LLM_PROVIDER": "scripted", "LLM_SCRIPT": "s.yaml"}, files={"s.yaml": "replies: 5\n"}),
        ["s.yaml"],
    ),
    "a script with an unknown fault": (
        dict(
            environment={"LLM_PROVIDER": "scripted", "LLM_SCRIPT": "s.yaml"},
            files={"s.yaml": "replies:\n  - deltas: [hi]\n    fault: {kind: fire}\n"},
        ),
        ["s.yaml", "fire"],
    ),
}

# What wrong flags are refused with.
WRONG_FLAGS = {
    "--grpc-port": ("abc", ["--grpc-port", "abc", "65535"]),
    "--tts-provider": ("nope", ["--tts-provider", "nope", "espeak"]),
    "--llm-provider": ("gpt", ["--llm-provider", "gpt", "scripted"]),
    "--logging-level": ("loud", ["--logging-level", "loud", "info"]),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_value_stops_the_start_with_its_key_its_source_and_what_is_allowed(nexy, name):
    given, told = WRONG[name]
    done = nexy("serve", "--data-dir", "data", **given)
    assert done.returncode == 1, done
    assert [word for word in told if word not in done.stderr] == [], done.stderr
    assert "is ready" not in done.stdout


@pytest.mark.parametrize("name", WRONG)
def test_config_check_refuses_what_a_start_refuses(nexy, name):
    given, told = WRONG[name]
    done = nexy("config", "check", **given)
    assert done.returncode == 1, done
    assert [word for word in told if word not in done.stderr] == [], done.stderr


@pytest.mark.parametrize("flag", WRONG_FLAGS)
def test_a_wrong_flag_stops_the_start_and_is_named_as_it_was_typed(nexy, flag):
    value, told = WRONG_FLAGS[flag]
    done = nexy("serve", flag, value)
    assert done.returncode == 1, done
    assert [word for word in told if word not in done.stderr] == [], done.stderr


def test_all_wrong_values_are_told_at_once(nexy):
    done = nexy("config", "check", environment={"GRPC_PORT": "abc", "TTS_PROVIDER": "nope", "LOG_LEVEL": "loud"})
    assert done.returncode == 1
    assert all(word in done.stderr for word in ("GRPC_PORT", "TTS_PROVIDER", "LOG_LEVEL"))


def test_config_check_finds_a_log_file_that_cannot_be_written_and_makes_none(nexy, tmp_path):
    done = nexy("config", "check", environment={"LOG_FILE": str(tmp_path)})
    assert done.returncode == 1 and str(tmp_path) in done.stderr, done
    (tmp_path / "file").touch()
    done = nexy("config", "check", environment={"LOG_FILE": str(tmp_path / "file" / "nexy.log")})
    assert done.returncode == 1 and "nexy.log" in done.stderr, done
    done = nexy("config", "check", environment={"LOG_FILE": str(tmp_path / "new" / "folder" / "nexy.log")})
    assert done.returncode == 0 and not (tmp_path / "new").exists(), done


def test_good_settings_pass_the_check(nexy):
    done = nexy(
        "config", "check", environment={"GRPC_PORT": "50999", "LLM_PROVIDER": "offline", "TTS_PROVIDER": "tone"}
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.strip()


@pytest.mark.parametrize(
    "arguments",
    [
        ["serve", "--no-such-flag"],
        ["no-such-command"],
        ["serve", "--grpc-port"],
        ["say"],
        ["config", "polish"],
        ["say", "hello", "--lang", "klingon"],
        ["say", "hello", "--port", "abc"],
    ],
    ids=" ".join,
)
def test_wrong_usage_exits_with_2(nexy, arguments):
    done = nexy(*arguments)
    assert done.returncode == 2, done
    assert done.stderr and not done.stdout


@pytest.mark.parametrize(
    "arguments",
    [["--help"], ["--version"], ["serve", "--help"], ["say", "--help"], ["config", "show", "--help"]],
    ids=" ".join,
)
def test_help_and_version_exit_with_0(nexy, arguments):
    done = nexy(*arguments)
    assert done.returncode == 0 and done.stdout.strip()


# The four sources, the strongest first, and the port that each sets.
LAYERS = ["flag", "environment", "config.env", "config/nexy.yaml", "default"]


@pytest.mark.parametrize("first", range(len(LAYERS)), ids=lambda first: LAYERS[first])
def test_the_stronger_source_wins_and_is_named(nexy, first):
    layers = LAYERS[first:]
    files = {}
    if "config.env" in layers:
        files["config.env"] = "GRPC_PORT=50003\n"
    if "config/nexy.yaml" in layers:
        files["config/nexy.yaml"] = "grpc:\n  port: 50004\n"
    done = nexy(
        "config",
        "show",
        "--json",
        *(["--grpc-port", "50001"] if "flag" in layers else []),
        files=files,
        environment={"GRPC_PORT": "50002"} if "environment" in layers else {},
    )
    row = shown(done)["grpc.port"]
    assert row["value"] == ["50001", "50002", "50003", "50004", "50051"][first]
    assert LAYERS[first] in row["source"]


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("GRPC_PORT=50003", "50003"),
        ("export GRPC_PORT=50003", "50003"),
        ('GRPC_PORT="50003"', "50003"),
        ("GRPC_PORT='50003'", "50003"),
        ("  GRPC_PORT = 50003  ", "50003"),
        ("GRPC_PORT=50003 # the port", "50003"),
        ("# GRPC_PORT=50003", "50051"),
        ("GRPC_PORT=", "50051"),
        ("SOME_OTHER_KEY=1\nGRPC_PORT=50003", "50003"),
    ],
)
def test_config_env_is_read_as_a_shell_reads_it(nexy, line, value):
    assert shown(nexy("config", "show", "--json", files={"config.env": f"{line}\n"}))["grpc.port"]["value"] == value


def test_a_file_of_comments_sets_nothing(nexy):
    files = {"config/nexy.yaml": "# grpc:\n#   port: 1\n", "config.env": "# nothing\n\n"}
    assert shown(nexy("config", "show", "--json", files=files))["grpc.port"]["value"] == "50051"


# The keys of the predecessor that concern what is here, and their defaults.
DEFAULTS = {
    "GRPC_HOST": "auto",
    "GRPC_PORT": "50051",
    "HTTP_HOST": "auto",
    "HTTP_PORT": "8080",
    "UPDATE_ENABLED": "true",
    "UPDATE_HOST": "auto",
    "UPDATE_PORT": "8081",
    "UPDATE_CORS": "true",
    "SAMPLE_RATE": "48000",
    "AUDIO_CHANNELS": "1",
    "STREAMING_CHUNK_SIZE": "4096",
    "STREAM_MIN_CHARS": "15",
    "STREAM_MIN_WORDS": "3",
    "STREAM_FIRST_SENTENCE_MIN_WORDS": "2",
    "LOG_LEVEL": "INFO",
    "BACKPRESSURE_GRACE_PERIOD": "30",
    "NEXY_ENV": "prod",
    "LLM_PROVIDER": "auto",
    "TTS_PROVIDER": "auto",
    "NEXY_DATA_DIR": "var",
    "REQUEST_TIMEOUT": "300",
    "NEXY_KS_DISABLE_FORWARD_ASSISTANT_ACTIONS": "false",
    "MESSAGES_ENABLED": "true",
    "WHATSAPP_ENABLED": "false",
    "BROWSER_USE_ENABLED": "false",
}


def test_the_keys_of_the_environment_keep_their_names_and_defaults(nexy):
    rows = shown(nexy("config", "show", "--json"))
    found = {name: rows[name]["value"] for name in DEFAULTS if name in rows}
    assert {name: value.lower() for name, value in found.items()} == {
        name: value.lower() for name, value in DEFAULTS.items()
    }


@pytest.mark.parametrize(("name", "grace"), [("dev", "10"), ("stage", "20"), ("prod", "30")])
def test_the_environment_s_name_chooses_the_defaults(nexy, name, grace):
    rows = shown(nexy("config", "show", "--json", environment={"NEXY_ENV": name}))
    assert rows["BACKPRESSURE_GRACE_PERIOD"]["value"] == grace


@pytest.mark.parametrize(
    ("environment", "host"),
    [
        ({"NEXY_ENV": "dev"}, "0.0.0.0"),
        ({"NEXY_ENV": "stage"}, "127.0.0.1"),
        ({}, "127.0.0.1"),
        ({"GRPC_HOST": "AUTO", "HTTP_HOST": ""}, "127.0.0.1"),
        ({"NEXY_ENV": "dev", "GRPC_HOST": "127.0.0.1", "HTTP_HOST": "127.0.0.1"}, "127.0.0.1"),
    ],
    ids=["dev", "stage", "default", "AUTO and empty", "named"],
)
def test_auto_listens_where_the_environment_s_users_are(serve, environment, host):
    server = serve(environment=environment)
    assert (server.grpc_host, server.http_host) == (host, host)
    assert server.is_healthy()


def test_a_listing_for_people_holds_what_the_json_holds(nexy):
    listing = nexy("config", "show", environment={"GRPC_PORT": "50007"})
    assert listing.returncode == 0
    assert any(
        "grpc.port" in line and "50007" in line and "environment" in line for line in listing.stdout.splitlines()
    )
    rows = json.loads(nexy("config", "show", "--json").stdout)
    assert all(row["key"] in listing.stdout for row in rows)


# Values that must not be seen in a listing, an error or a log, wherever they come from.
SECRETS = {
    "GEMINI_API_KEY": "AIzaSyD4x8-abcdefghijklmnopqrstuv12",
    "DB_PASSWORD": "correct-horse-battery",
    "STRIPE_LIVE_SECRET_KEY": "sk_live_51HabcdefghijklmnopqrSTUV",
    "STRIPE_LIVE_WEBHOOK_SECRET": "whsec_abcdefghijklmnop1234",
}


@pytest.mark.parametrize(
    "arguments", [["config", "show"], ["config", "show", "--json"], ["config", "check"]], ids=" ".join
)
def test_no_secret_is_listed(nexy, arguments):
    file = "".join(f"{name}={value}\n" for name, value in SECRETS.items())
    for options in (dict(environment=SECRETS), dict(files={"config.env": file})):
        done = nexy(*arguments, **options)
        assert done.returncode == 0, done.stderr
        assert [name for name, value in SECRETS.items() if value in done.stdout + done.stderr] == []


def test_a_secret_in_the_wrong_place_is_masked_in_the_refusal(nexy):
    done = nexy("serve", environment={"TTS_PROVIDER": SECRETS["STRIPE_LIVE_SECRET_KEY"]})
    assert done.returncode == 1
    assert "TTS_PROVIDER" in done.stderr and SECRETS["STRIPE_LIVE_SECRET_KEY"] not in done.stderr


def test_the_script_s_format_is_yaml_as_documented(serve):
    text = """
replies:
  - when: WEATHER          # in any case
    delay_ms: 1
    deltas:
      - "It is sunny today. "
      - {text: "And it stays so.", delay_ms: 20}
      - {tool: open_app, arguments: {app_name: Weather}}
  - deltas:
      - '{"session_id":"x","command":"open_app","args":{"app_name":"Safari"},"text":"Opening Safari."}'
"""
    server = serve("--llm-provider", "scripted", "--llm-script", "script.yaml", files={"script.yaml": text})
    weather = server.client.turn("How is the weather?")
    assert (weather.text, weather.command["args"]) == ("It is sunny today. And it stays so.", {"app_name": "Weather"})
    other = server.client.turn("Something else")
    assert (other.text, other.command["args"]) == ("Opening Safari.", {"app_name": "Safari"})


@pytest.mark.parametrize("source", ["environment", "config.env", "config/nexy.yaml"])
def test_a_server_runs_on_settings_from(serve, source):
    values = {
        "GRPC_PORT": "0",
        "HTTP_PORT": "0",
        "LLM_PROVIDER": "scripted",
        "LLM_SCRIPT": "s.yaml",
        "TTS_PROVIDER": "tone",
        "STREAMING_CHUNK_SIZE": "512",
    }
    yaml = "grpc: {port: 0}\nhttp: {port: 0}\nllm: {provider: scripted, script: s.yaml}\ntts: {provider: tone}\naudio: {streaming_chunk_size: 512}\n"
    files = {"s.yaml": GOOD_SCRIPT}
    if source == "config.env":
        files[source] = "".join(f"{name}={value}\n" for name, value in values.items())
    elif source == "config/nexy.yaml":
        files[source] = yaml
    server = serve(tts=None, ports=(None, None), files=files, environment=values if source == "environment" else {})
    heard = server.play("it")
    assert heard.text == "Hello there."
    assert max(len(chunk.audio_data) for chunk in heard.audio) == 512
