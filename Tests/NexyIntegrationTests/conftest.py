"""Fixtures: servers that end with their test, or with the file that shares them."""

import pytest

import funnel
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


@pytest.fixture(scope="session")
def streets(tmp_path_factory):
    """Runtimes and a fake GitHub by a name; they end with the session."""
    made: dict[str, funnel.Street] = {}

    def at(name: str) -> funnel.Street:
        if name not in made:
            made[name] = funnel.Street(tmp_path_factory.mktemp("street"))
        return made[name]

    yield at
    for street in made.values():
        street.close()


@pytest.fixture
def open_shop(streets, tmp_path_factory):
    """Opens shops with a release that stands, or new ones; a client looks at their feeds all the while."""
    opened: list[funnel.Shop] = []
    new: list[funnel.Street] = []

    def at(store: str, is_new: bool = False) -> funnel.Shop:
        if is_new:
            new.append(funnel.Street(tmp_path_factory.mktemp("street")))
        street = new[-1] if is_new else streets(store)
        opened.append(street.shop(store) if is_new else street.standing(store))
        street.poller.wake()
        return opened[-1]

    yield at
    complaints = [complaint for shop in opened for complaint in shop.poller.rest()]
    leaks = [leak for shop in opened for leak in shop.github.leaks]
    for shop in opened:
        shop.github.leaks.clear()
        shop.github.mend()
    for street in new:
        street.close()
    assert not complaints, "what clients saw:\n" + "\n".join(complaints[:10])
    assert not leaks, f"a token went to {leaks}"


@pytest.fixture(params=funnel.STORES)
def shop(open_shop, request):
    """A shop with a release that stands, for each kind of store."""
    return open_shop(request.param)


@pytest.fixture(params=funnel.STORES if funnel.IS_THOROUGH else funnel.STORES[:1])
def any_shop(open_shop, request):
    """A shop with a release that stands, where the store makes no difference."""
    return open_shop(request.param)


@pytest.fixture
def directory_shop(open_shop):
    return open_shop("directory")


@pytest.fixture
def github_shop(open_shop):
    return open_shop("github")


@pytest.fixture(params=funnel.STORES)
def new_shop(open_shop, request):
    """A shop where nothing was ever released."""
    return open_shop(request.param, is_new=True)


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
