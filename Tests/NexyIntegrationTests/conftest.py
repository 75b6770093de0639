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


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item):
    """Shows what the servers of a failed test wrote last, and how those ended that did."""
    report = yield
    if report.failed:
        launchers = [value for value in item.funcargs.values() if isinstance(value, servers.Launcher)]
        for server in [server for launcher in launchers for server in launcher.servers]:
            status = server.process.poll()
            state = "runs" if status is None else f"exited with {status}"
            lines = [line[:400] for line in server.log.text.splitlines()]
            report.sections.append((f"server {server.process.pid}, which {state}", "\n".join(lines[-12:])))
    return report
