"""`nexy text`: how text is cut into sentences, and what of it is spoken."""

import subprocess

import pytest

from server import BINARY, Lines, clean_environment, run_nexy

SENTENCES = {
    "two": ("Hello there. How are you?", ["Hello there.", "How are you?"]),
    "Russian": ("Привет! Как дела? Хорошо.", ["Привет!", "Как дела?", "Хорошо."]),
    "abbreviations": (
        "Dr. Smith lives on Main St. in Boston. He works at 5 p.m. daily.",
        ["Dr. Smith lives on Main St. in Boston.", "He works at 5 p.m. daily."],
    ),
    "initials": ("I met J. R. R. Tolkien once. It was long ago.", ["I met J. R. R. Tolkien once.", "It was long ago."]),
    "Russian abbreviations": (
        "Это стоит 5 тыс. руб. за штуку, т. е. недорого. А. С. Пушкин согласен.",
        ["Это стоит 5 тыс. руб. за штуку, т. е. недорого.", "А. С. Пушкин согласен."],
    ),
    "numbers": ("Pi is 3.14159. Version 1.2.3 is out.", ["Pi is 3.14159.", "Version 1.2.3 is out."]),
    "addresses": (
        "Mail bob@example.co.uk or see www.example.com. Then wait.",
        ["Mail bob@example.co.uk or see www.example.com.", "Then wait."],
    ),
    "marks": ("Really?! No way!!! Well...", ["Really?!", "No way!!!", "Well..."]),
    "quotes": (
        'She said "Go." He went. «Привет!» — сказал он.',
        ['She said "Go."', "He went.", "«Привет!» — сказал он."],
    ),
    "brackets": ("It is late. (Very late.) Let us go.", ["It is late.", "(Very late.)", "Let us go."]),
    "no end": ("One. Two", ["One.", "Two"]),
    "lines": ("First line.\nSecond line.\n\nThird line.\n", ["First line.", "Second line.", "Third line."]),
    "nothing": ("", []),
    "blanks": ("  \n \n", []),
}

modes = pytest.mark.parametrize("mode", [[], ["--stream"]], ids=["whole", "stream"])


@modes
@pytest.mark.parametrize("name", SENTENCES)
def test_text_is_cut_into_one_sentence_a_line(tmp_path, name, mode):
    text, sentences = SENTENCES[name]
    done = run_nexy("text", "segment", *mode, folder=tmp_path, stdin=text)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == sentences


def test_a_stream_gives_a_sentence_out_while_input_still_comes(tmp_path):
    child = subprocess.Popen(
        [str(BINARY), "text", "segment", "--stream"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=tmp_path,
        env=clean_environment(tmp_path),
    )
    try:
        lines = Lines(child.stdout)
        child.stdin.write("The first one is whole. The sec".encode())
        child.stdin.flush()
        lines.find(r"\AThe first one is whole\.\n", within=5)
        child.stdin.write("ond too.".encode())
        child.stdin.close()
        assert child.wait(timeout=5) == 0
        lines.wait_until_closed()
        assert lines.text == "The first one is whole.\nThe second too.\n"
    finally:
        child.kill()
        child.wait()


@modes
def test_bytes_that_are_no_text_do_not_stop_the_cutting(tmp_path, mode):
    done = run_nexy("text", "segment", *mode, folder=tmp_path, stdin=b"Good \xff\xfe bytes. And more of it.")
    assert done.returncode == 0
    assert done.stdout.splitlines()[-1] == "And more of it."


SPOKEN = {
    "C# and F# are languages.": "C# and F# are languages.",
    "It costs €5 at 20 °C.": "It costs €5 at 20 °C.",
    "I can’t do “that” — sorry…": "I can’t do “that” — sorry…",
    "This is **bold** and *thin*.": "This is bold and thin.",
    "Use `make test` here.": "Use make test here.",
    "## A heading": "A heading",
    "- an item": "an item",
    "See [the docs](https://example.com/a/b).": "See the docs.",
    "Well done 😀!": "Well done!",
    "Отлично 🎉, молодец": "Отлично, молодец",
    "Use --flag and snake_case here.": "Use --flag and snake_case here.",
    "Café and naïve stay.": "Café and naïve stay.",
}


@pytest.mark.parametrize("text", SPOKEN)
def test_text_has_a_form_for_the_ear(tmp_path, text):
    done = run_nexy("text", "speech", folder=tmp_path, stdin=text + "\n")
    assert done.returncode == 0
    assert done.stdout == SPOKEN[text] + "\n"


def test_a_link_is_named_and_not_spelled(tmp_path):
    done = run_nexy(
        "text", "speech", folder=tmp_path, stdin="See https://www.example.com/a/very/long/path?with=query for it.\n"
    )
    assert "example.com" in done.stdout
    assert all(part not in done.stdout for part in ("https", "://", "/a/very", "query"))


def test_signs_alone_have_no_form_for_the_ear(tmp_path):
    assert run_nexy("text", "speech", folder=tmp_path, stdin="😀 🎉\n").stdout.strip() == ""
