"""The binary runs from any folder, with no file beside it, and writes only below its data folder."""

import shutil
import sys
from pathlib import Path

import grpc
import pytest

from script import reply

REPLIES = {"it": reply("Hello to you there.")}


def files_below(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*")}


def live_a_little(server) -> None:
    assert server.play("it").code == grpc.StatusCode.OK
    assert server.client.welcome().code == grpc.StatusCode.OK
    assert server.client.report_usage(hardware_id="a", session_id="b", source="c").success
    assert server.is_healthy()
    assert server.stop() == 0


def test_everything_that_is_written_is_below_the_data_folder(serve):
    server = serve(replies=REPLIES)
    live_a_little(server)
    assert files_below(server.work) == set()
    assert files_below(server.home) == set()
    assert "nexy.sqlite" in files_below(server.data)


def test_the_data_folder_is_var_where_nothing_is_said(serve):
    server = serve(replies=REPLIES, default_data=True)
    live_a_little(server)
    assert {name.split("/")[0] for name in files_below(server.work)} == {"var"}
    assert "var/nexy.sqlite" in files_below(server.work)


def test_a_server_that_nobody_used_writes_nothing_outside_its_data_folder(serve):
    server = serve(default_data=True)
    assert server.stop() == 0
    assert {name.split("/")[0] for name in files_below(server.work)} <= {"var"}


def test_a_copy_of_the_binary_alone_in_a_folder_runs(serve, binary, tmp_path):
    copy = tmp_path / "nexy"
    shutil.copy(binary, copy)
    server = serve(replies=REPLIES, binary=copy)
    live_a_little(server)
    assert files_below(tmp_path) == {"nexy"}


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_a_server_has_no_file_open_outside_its_data_folder(serve):
    server = serve(replies=REPLIES)
    server.client.report_usage(hardware_id="a", session_id="b", source="c")
    links = (descriptor.readlink() for descriptor in Path(f"/proc/{server.process.pid}/fd").iterdir())
    opened = {
        str(link)
        for link in links
        if str(link).startswith("/") and not str(link).startswith(("/dev/", "/proc/", "/sys/"))
    }
    assert [path for path in opened if not path.startswith(str(server.data))] == []
