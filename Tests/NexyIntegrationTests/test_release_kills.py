"""A command is killed at every line that it writes and at every request that changes something; whoever runs it again
finishes it, and at no moment did a feed name what was not there."""

import os
import re
import signal
import subprocess

import pytest

from funnel import IS_THOROUGH, LATER, NEXT, STANDING, content, sha256, step_lines
from server import eventually

PUBLISH = ["publish", "--channel", "beta"]
VALIDATE = ["validate", "--channel", "beta"]
PROMOTE = ["promote", "--source", "beta", "--target", "stable"]
ROLLBACK = ["rollback", "--channel", "stable", "--to", STANDING]
ROLLBACK_BETA = ["rollback", "--channel", "beta", "--to", STANDING]


def ready_to_publish(shop):
    shop.stage(NEXT, pkg=True)


def ready_to_promote(shop):
    shop.stage(NEXT)
    shop.do(*PUBLISH)
    shop.do(*VALIDATE)


def ready_to_roll_back(shop):
    ready_to_promote(shop)
    shop.do(*PROMOTE)


# What is done before, the command, its channel, the version that its feed has in the end.
COMMANDS = {
    "publish": (ready_to_publish, PUBLISH, "beta", NEXT),
    "promote": (ready_to_promote, PROMOTE, "stable", NEXT),
    "rollback": (ready_to_roll_back, ROLLBACK, "stable", STANDING),
}


class Rehearsal:
    """A command that ran once, undisturbed, and everything put back to before it ran."""

    def __init__(self, shop, name: str):
        prepare, self.arguments, self.channel, self.version = COMMANDS[name]
        self.shop, self.is_rollback = shop, name == "rollback"
        prepare(shop)
        self.before = shop.snapshot()
        log = len(shop.github.log)
        self.allow()
        self.lines = shop.do(*self.arguments).splitlines()
        self.mutations = [entry for entry in shop.github.mutations(log) if entry.role in ("api", "uploads")]
        shop.expect_tidy()
        self.after = self.facts()
        assert eventually(lambda: shop.served(self.channel) == self.version)
        shop.restore(self.before)

    def allow(self):
        if self.is_rollback:
            self.shop.poller.may_fall(self.channel)

    def facts(self) -> tuple:
        """All that has to be as it is without a kill."""
        shop = self.shop
        manifests = [shop.manifest(channel) for channel in ("stable", "beta")]
        for manifest in manifests:
            manifest.pop("release_date")
        kept = sorted(path.name for path in (shop.state / "kept").rglob("*") if path.is_file())
        return shop.shelf(), manifests, kept

    def expect_recovery(self, where: str):
        """Whatever was killed: the feeds are true now, and the same command brings it to its end."""
        shop = self.shop
        shop.poller.agree()
        done = shop.run(*self.arguments)
        said = f"{where}\n{done.stdout}\n{done.stderr}"
        assert done.returncode == 0, said
        shop.poller.agree()
        assert shop.leftovers() == [], said
        shelf, manifests, kept = self.facts()
        assert shelf == self.after[0], said
        assert manifests == self.after[1], said
        assert set(kept) >= set(self.after[2]), said
        shop.restore(self.before)


def chosen(numbers: list[int]) -> list[int]:
    """The first, the last, and every third between them, or all."""
    return numbers if IS_THOROUGH else sorted({*numbers[::3], *numbers[-2:]})


@pytest.mark.parametrize("name", COMMANDS)
def test_a_kill_before_any_line_is_recovered_from(shop, name):
    rehearsal = Rehearsal(shop, name)
    numbers = list(range(1, len(rehearsal.lines) + 1))
    for number in chosen(numbers):
        rehearsal.allow()
        with shop.halted(rehearsal.arguments, rehearsal.lines, number) as command:
            shop.poller.agree()
            said = command.kill()
        assert said.splitlines() == rehearsal.lines[: number - 1]
        rehearsal.expect_recovery(f"killed before line {number}: {rehearsal.lines[number - 1]}")


@pytest.mark.parametrize("moment", ["before", "during", "after"])
@pytest.mark.parametrize("name", COMMANDS)
def test_a_kill_at_any_request_that_changes_something_is_recovered_from(github_shop, name, moment):
    shop = github_shop
    rehearsal = Rehearsal(shop, name)
    assert rehearsal.mutations
    numbers = list(range(1, len(rehearsal.mutations) + 1))
    if moment == "during":
        numbers = [number for number in numbers if rehearsal.mutations[number - 1].role == "uploads"]
    for number in chosen(numbers):
        rehearsal.allow()
        kill = shop.github.kill_at(number, moment)
        process = shop.start(*rehearsal.arguments)
        kill.victim(process)
        assert process.wait(60) == -9 and kill.is_done.wait(10), f"{number} of {len(rehearsal.mutations)}"
        rehearsal.expect_recovery(f"killed {moment} request {number}: {kill.entry}")


# --- Other commands after a kill


def killed_at(shop, rehearsal: Rehearsal, words: str, is_last: bool = False) -> str:
    """Kills the command before the first (or last) line with these words; returns the line."""
    found = [number for number, line in enumerate(rehearsal.lines, 1) if re.search(words, line)]
    assert found, f"no line has {words!r}: {rehearsal.lines}"
    number = found[-1 if is_last else 0]
    with shop.halted(rehearsal.arguments, rehearsal.lines, number) as command:
        command.kill()
    return rehearsal.lines[number - 1]


def test_the_next_release_settles_one_that_was_hardly_begun(shop):
    """Nothing was swapped yet: it is undone."""
    rehearsal = Rehearsal(shop, "publish")
    killed_at(shop, rehearsal, "read back")
    files = shop.stage(LATER)
    shop.do(*PUBLISH)
    shop.expect(LATER, "beta", files)
    assert not [name for names in shop.shelf().values() for name in names if NEXT in name], "it was not undone"
    assert NEXT not in shop.poller.versions("beta")


def test_the_next_release_settles_one_that_was_nearly_done(shop):
    """Something was swapped: it is finished first."""
    rehearsal = Rehearsal(shop, "publish")
    killed_at(shop, rehearsal, r"\] write manifest")
    files = shop.stage(LATER)
    shop.do(*PUBLISH)
    shop.expect(LATER, "beta", files)
    history = (shop.state / "releases.jsonl").read_text()
    assert NEXT in history and LATER in history


@pytest.mark.parametrize("words", ["read back", r"\] write manifest"])
@pytest.mark.parametrize("arguments", [VALIDATE, PROMOTE, ROLLBACK_BETA], ids=" ".join)
def test_any_command_settles_first(directory_shop, words, arguments):
    shop = directory_shop
    rehearsal = Rehearsal(shop, "publish")
    killed_at(shop, rehearsal, words)
    shop.poller.may_fall("beta")
    done = shop.run(*arguments)
    assert done.returncode in (0, 1), done.stderr
    assert shop.leftovers() == [], f"{done.stdout}\n{done.stderr}"
    shop.poller.agree()


def test_what_is_half_done_is_not_validated(directory_shop):
    shop = directory_shop
    rehearsal = Rehearsal(shop, "publish")
    killed_at(shop, rehearsal, r"\] write manifest")
    done = shop.run(*VALIDATE)
    assert done.returncode == 1 or shop.leftovers() == [], done.stdout
    rehearsal.expect_recovery("after a validation")


def test_status_tells_what_is_not_done_and_touches_nothing(any_shop):
    shop = any_shop
    rehearsal = Rehearsal(shop, "publish")
    killed_at(shop, rehearsal, "swap")
    before, log = shop.files("release.lock"), len(shop.github.log)
    done = shop.run("status")
    assert re.search(r"publish|unfinished|journal|not done", done.stdout + done.stderr, re.I)
    assert shop.files("release.lock") == before and shop.github.mutations(log) == []


def test_an_inbox_that_changed_after_the_kill_never_gets_into_the_old_release(any_shop):
    """The journal is of the bytes that it names, wherever they are now."""
    shop = any_shop
    rehearsal = Rehearsal(shop, "publish")
    killed_at(shop, rehearsal, "swap")
    files = shop.stage(NEXT, pkg=True, salt="built again")
    done = shop.publish()
    shop.poller.agree()
    offered = shop.manifest("beta")["artifact"]["sha256"]
    assert offered in (sha256(content(NEXT)), sha256(files["dmg"]), sha256(content(STANDING)))
    assert shop.leftovers() == [], f"{done.returncode}\n{done.stdout}\n{done.stderr}"
    if offered == sha256(content(NEXT)):
        assert done.returncode == 1, "other bytes under a build that stands"


# --- Two operators


def test_two_operators_at_once_and_one_works(shop):
    rehearsal = Rehearsal(shop, "publish")
    number = len(rehearsal.lines) // 2
    with shop.halted(rehearsal.arguments, rehearsal.lines, number) as first:
        for arguments in (PUBLISH, PROMOTE, VALIDATE, ROLLBACK):
            before, log = shop.files("release.lock", "manifests.lock"), len(shop.github.log)
            second = shop.run(*arguments)
            assert second.returncode == 3, f"{arguments}: {second.stdout}\n{second.stderr}"
            assert "nexy release publish" in second.stderr and str(first.process.pid) in second.stderr
            assert shop.files("release.lock", "manifests.lock") == before and shop.github.mutations(log) == []
        # Who only looks is not in the way, and nobody is in theirs.
        assert shop.run("status").returncode == 0
        assert first.go_on() == 0, first.stderr
    assert eventually(lambda: shop.served("beta") == NEXT)
    shop.expect_tidy()


def test_the_next_operator_goes_on_when_the_holder_is_dead(shop):
    rehearsal = Rehearsal(shop, "publish")
    with shop.halted(rehearsal.arguments, rehearsal.lines, len(rehearsal.lines) // 2) as first:
        assert shop.publish().returncode == 3
        first.kill()
    rehearsal.expect_recovery("the holder is dead")


def test_a_lock_is_given_back_on_a_failure(directory_shop):
    shop = directory_shop
    shop.stage("2.0.0.1")
    assert shop.publish().returncode == 1
    shop.stage(NEXT)
    assert shop.publish().returncode == 0


def test_unlock_tells_the_holder_and_clears_only_what_was_left_behind(directory_shop):
    shop = directory_shop
    rehearsal = Rehearsal(shop, "publish")
    with shop.halted(rehearsal.arguments, rehearsal.lines, 4) as first:
        for flags in ([], ["--take-over"]):
            done = shop.run("unlock", *flags)
            assert done.returncode in (1, 3) and str(first.process.pid) in done.stdout + done.stderr
            assert shop.publish().returncode == 3, "nobody who works loses the lock"
        first.kill()
    assert shop.run("unlock", "--take-over").returncode == 0
    rehearsal.expect_recovery("unlocked")


def test_unlock_of_nothing_is_no_failure(directory_shop):
    assert directory_shop.run("unlock").returncode == 0
    assert directory_shop.run("unlock", "--take-over").returncode == 0


def test_two_operators_race(shop):
    """Started in the same instant: one release in the end, whoever made it."""
    files = shop.stage(NEXT)
    racers = [shop.start(*PUBLISH) for _ in range(3)]
    statuses = sorted(racer.wait(60) for racer in racers)
    assert statuses[0] == 0 and set(statuses) <= {0, 3}, statuses
    shop.expect(NEXT, "beta", files)


@pytest.mark.parametrize("number", ["SIGTERM", "SIGINT", "SIGHUP"])
def test_a_signal_is_as_good_as_a_kill(directory_shop, number):
    shop = directory_shop
    rehearsal = Rehearsal(shop, "publish")
    with shop.halted(rehearsal.arguments, rehearsal.lines, len(rehearsal.lines) // 2) as command:
        command.process.send_signal(getattr(signal, number))
        try:
            status = command.go_on(20)
        except subprocess.TimeoutExpired:
            pytest.fail("it goes on for ever")
    assert status != 0 or shop.served("beta") == NEXT
    rehearsal.expect_recovery(number)


def test_a_reader_that_leaves_does_not_break_the_release(directory_shop):
    """`nexy release publish | head -1`."""
    shop = directory_shop
    rehearsal = Rehearsal(shop, "publish")
    with shop.halted(rehearsal.arguments, rehearsal.lines, 3) as command:
        os.close(command._reading)
        command._reading = None
        command.process.wait(60)
    rehearsal.expect_recovery("nobody reads")


def test_lines_come_before_their_steps(directory_shop):
    """Whoever sees the last line knows what was not done yet."""
    shop = directory_shop
    rehearsal = Rehearsal(shop, "publish")
    count = step_lines("\n".join(rehearsal.lines))[-1][1]
    assert count >= 6
    number = next(number for number, line in enumerate(rehearsal.lines, 1) if "swap" in line)
    with shop.halted(rehearsal.arguments, rehearsal.lines, number) as command:
        shelf = shop.shelf()["UpdateBeta"]
        assert shelf["Nexy.dmg"] == sha256(content(STANDING)), "it was swapped before it was said"
        command.kill()
    rehearsal.expect_recovery("before the swap")


def test_what_nobody_can_finish_is_given_up(shop):
    rehearsal = Rehearsal(shop, "publish")
    with shop.halted(rehearsal.arguments, rehearsal.lines, len(rehearsal.lines) - 2) as command:
        assert shop.run("unlock", "--abandon").returncode == 3, "nobody who works is given up"
        command.kill()
    done = shop.run("unlock", "--abandon")
    assert done.returncode == 0 and "Put aside" in done.stderr, done.stderr
    assert list(shop.state.glob("journal.json.abandoned-*")) and not (shop.state / "journal.json").exists()
    assert "Nothing is under way" in shop.run("unlock", "--abandon").stderr
    # The next publication is of another version, and clears up.
    shop.stage(LATER)
    shop.do(*PUBLISH)
    assert eventually(lambda: shop.served("beta") == LATER)
    shop.expect_tidy()
