"""Fixtures: servers that end with their test, or with the file that shares them."""

import pytest

import server as servers


@pytest.fixture(scope="session", autouse=True)
def binary():
    if not servers.BINARY.exists():
        pytest.exit("Build the server first (`make build`), or name its binary in NEXY_BINARY.", returncode=1)
    return servers.BINARY


@pytest.fixture
def serve(tmp_path_factory):
    """Starts servers that end with the test."""
    launcher = servers.Launcher(lambda: tmp_path_factory.mktemp("server"))
    yield launcher
    launcher.close()


@pytest.fixture(scope="module")
def serve_for_file(tmp_path_factory):
    """Starts servers that the tests of one file share."""
    launcher = servers.Launcher(lambda: tmp_path_factory.mktemp("server"))
    yield launcher
    launcher.close()
