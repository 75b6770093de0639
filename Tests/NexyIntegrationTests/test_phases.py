"""COLLECT and COMMIT: a prompt that comes in pieces while it is still being spoken."""

import base64
import json
import os

import grpc
import pytest

from client import new_device, new_session
from contract import COMMIT, UNSPECIFIED

MEBIBYTE = 1 << 20

# What was collected as (sequence, piece), what is committed, and the prompt that comes of it.
MERGES = {
    "alone": ([], "alpha alone", "alpha alone"),
    "a later piece repeats and extends": (
        [(1, "what is"), (2, "what is beta")],
        "what is beta today",
        "what is beta today",
    ),
    "a piece continues": ([(1, "red "), (2, "green ")], "gamma", "red green gamma"),
    "pieces overlap": ([(1, "one two delta")], "two delta four", "one two delta four"),
    "the commit repeats": ([(1, "epsilon here")], "epsilon here", "epsilon here"),
    "the commit is part of it": ([(1, "one zeta three")], "zeta", "one zeta three"),
    "the commit is empty": ([(1, "eta is "), (2, "whole")], "", "eta is whole"),
    "a duplicate is dropped": ([(1, "theta "), (1, "ZEBRA ")], "ends", "theta ends"),
    "an old piece is dropped": ([(5, "iota "), (3, "ZEBRA "), (4, "ZEBRA ")], "ends", "iota ends"),
    "zero is a first number": ([(0, "kappa "), (0, "ZEBRA ")], "ends", "kappa ends"),
    "Russian": ([(1, "открой "), (2, "открой лямбду")], " сейчас", "открой лямбду сейчас"),
    "characters of several bytes": ([(1, "мю 😀 ")], "😀 конец", "мю 😀 конец"),
}


@pytest.fixture(scope="module")
def stage(serve_for_file):
    replies = {"ZEBRA": "A dropped piece came through."}
    replies |= {expected: f"Merge {number} is right." for number, (_, _, expected) in enumerate(MERGES.values())}
    entries = [{"when": when, "deltas": [text]} for when, text in replies.items()] + [
        {"deltas": ["Something else came."]}
    ]
    files = {"script.yaml": json.dumps({"replies": entries}, ensure_ascii=False)}
    return serve_for_file("--llm-provider", "scripted", "--llm-script", "script.yaml", files=files)


def assert_acknowledged(heard):
    assert heard.kinds == ["end_message"], heard
    assert heard.ends == ["COLLECT_ACCEPTED"]
    assert heard.code == grpc.StatusCode.OK


@pytest.mark.parametrize("name", MERGES)
@pytest.mark.parametrize("phase", [COMMIT, UNSPECIFIED], ids=["commit", "unspecified"])
def test_a_commit_answers_what_was_collected(stage, name, phase):
    pieces, prompt, _ = MERGES[name]
    device, session = new_device(), new_session()
    for sequence, piece in pieces:
        assert_acknowledged(stage.client.collect(piece, sequence=sequence, device=device, session=session))
    heard = stage.client.turn(prompt, device=device, session=session, phase=phase)
    assert heard.text == f"Merge {list(MERGES).index(name)} is right.", heard


def test_a_commit_takes_the_pieces_with_it(stage):
    device, session = new_device(), new_session()
    stage.client.collect("alpha alone", sequence=1, device=device, session=session)
    assert stage.client.turn("", device=device, session=session).text == "Merge 0 is right."
    assert stage.client.turn("", device=device, session=session).code == grpc.StatusCode.INVALID_ARGUMENT


def test_pieces_belong_to_their_device_and_their_session(stage):
    device, session = new_device(), new_session()
    stage.client.collect("alpha alone", sequence=1, device=device, session=session)
    assert stage.client.turn("", device=new_device(), session=session).code == grpc.StatusCode.INVALID_ARGUMENT
    assert stage.client.turn("", device=device, session=new_session()).code == grpc.StatusCode.INVALID_ARGUMENT
    assert stage.client.turn("", device=device, session=session).text == "Merge 0 is right."


def test_a_device_has_four_open_sessions_and_the_oldest_goes_first(stage):
    device, sessions = new_device(), [new_session() for _ in range(5)]
    for session in sessions:
        assert_acknowledged(stage.client.collect("alpha alone", sequence=1, device=device, session=session))
    codes = [stage.client.turn("", device=device, session=session).code for session in sessions]
    assert codes == [grpc.StatusCode.INVALID_ARGUMENT] + [grpc.StatusCode.OK] * 4


def test_a_thousand_and_more_open_sessions_cost_nobody_an_answer(stage):
    device, session = new_device(), new_session()
    for _ in range(1_010):
        assert_acknowledged(stage.client.collect("x", sequence=1, device=new_device(), session=new_session()))
    assert_acknowledged(stage.client.collect("alpha alone", sequence=1, device=device, session=session))
    assert stage.client.turn("", device=device, session=session).text == "Merge 0 is right."


def test_a_piece_above_the_limit_is_acknowledged_and_does_no_harm(stage):
    device, session = new_device(), new_session()
    assert_acknowledged(stage.client.collect("alpha alone", sequence=1, device=device, session=session))
    assert_acknowledged(stage.client.collect("ZEBRA" * MEBIBYTE, sequence=2, device=device, session=session))
    assert stage.client.turn("", device=device, session=session).text == "Merge 0 is right."


@pytest.mark.parametrize("size", [1_000, 12 * MEBIBYTE], ids=["1 kB", "12 MiB"])
def test_a_commit_may_carry_a_screenshot(stage, size):
    heard = stage.client.turn("alpha alone", screenshot=image_of(size), screen_width=2560, screen_height=1600)
    assert heard.text == "Merge 0 is right.", heard


def test_a_screenshot_may_be_collected_in_a_piece_of_its_own(stage):
    device, session = new_device(), new_session()
    stage.client.collect("alpha", sequence=1, device=device, session=session)
    picture = dict(screenshot=image_of(2 * MEBIBYTE), screen_width=2560, screen_height=1600)
    assert_acknowledged(stage.client.collect(sequence=2, device=device, session=session, **picture))
    assert stage.client.turn(" alone", device=device, session=session).text == "Merge 0 is right."


def test_a_collected_screenshot_above_the_limit_costs_only_itself(stage):
    device, session = new_device(), new_session()
    stage.client.collect("alpha alone", sequence=1, device=device, session=session)
    assert_acknowledged(
        stage.client.collect(sequence=2, device=device, session=session, screenshot=image_of(9 * MEBIBYTE))
    )
    assert stage.client.turn("", device=device, session=session).text == "Merge 0 is right."


def image_of(size: int) -> str:
    return base64.b64encode(os.urandom(size * 3 // 4)).decode()
