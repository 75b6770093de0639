/// Sentences and their spoken forms.
enum SpeechExamples {
  /// What the client sees, and what the engine hears.
  typealias Pair = (seen: String, heard: String)

  static let markdown: [Pair] = [
    ("# Heading", "Heading"),
    ("### Заголовок ###", "Заголовок"),
    ("**Bold** and __bold__.", "Bold and bold."),
    ("*Italic* and _italic_.", "Italic and italic."),
    ("***Both*** and **_both_**.", "Both and both."),
    ("~~Old~~ new.", "Old new."),
    ("**Важно:** не забудьте.", "Важно: не забудьте."),
    ("un**believ**able", "unbelievable"),
    ("«**Война и мир**», 1869.", "«Война и мир», 1869."),
    ("(*see below*)", "(see below)"),
    ("Press `Command` and `q`.", "Press Command and q."),
    ("``a ` b``", "a b"),
    ("**Bold starts here.", "Bold starts here."),
    ("and ends.**", "and ends."),
    ("Слово ** здесь", "Слово ** здесь"),
    ("_cut italic", "cut italic"),
    ("> A quote", "A quote"),
    (">> # Deep\n> quote", "Deep, quote"),
    ("- milk", "milk"),
    ("* молоко", "молоко"),
    ("+ bread", "bread"),
    ("• eggs", "eggs"),
    ("- [ ] call mother", "call mother"),
    ("- [x] done", "done"),
    ("- milk\n- eggs.\n- bread", "milk, eggs. bread"),
    ("Купите:\n* молоко\n* хлеб", "Купите: молоко, хлеб"),
    ("1. First", "1. First"),
    ("1. First\n2. Second", "1. First, 2. Second"),
    ("  12) twelfth", "12) twelfth"),
    ("# Title\nText follows.", "Title, Text follows."),
    ("```swift\nlet x = 1\n```", "let x = 1"),
    ("```\nplain\n```\n", "plain"),
    ("~~~python\nprint(1)\n~~~", "print(1)"),
    ("```let x = 1```", "let x = 1"),
    ("```swift let x = 1", "swift let x = 1"),
    ("| Name | Age |\n|---|:-:|\n| Ann | 30 |", "Name, Age, Ann, 30"),
    ("| Имя | Возраст |", "Имя, Возраст"),
    ("Name | Age", "Name, Age"),
    ("Above\n\n---\n\nBelow", "Above Below"),
    ("Title\n=====", "Title"),
    ("![A cat on a mat](cat.png)", "A cat on a mat"),
    ("![](https://example.com/cat.png)", "example.com link"),
    ("Look: ![](cat.png)", "Look:"),
    ("Смотрите ![](images/кот.png \"Кот\") сюда.", "Смотрите сюда."),
    ("[](page.html)", "page.html"),
    ("See [1].\n\n[1]: https://example.com/a \"The guide\"\n[2]: <https://example.com>", "See [1]."),
    ("[1]: see https://example.com", "[1]: see example.com link"),
    ("[1]: https://example.com says so", "[1]: example.com link says so"),
    ("Open `__init__.py` and `snake_case`.", "Open __init__.py and snake_case."),
    ("__Bold__. Then _x_...", "Bold. Then x..."),
    ("See [the guide](https://example.com/guide \"Guide\").", "See the guide."),
    ("Смотрите [**руководство**](https://example.com/a_(b)).", "Смотрите руководство."),
    ("[![badge](https://a.b/c.svg)](https://a.b)", "badge"),
    ("See [docs][1] and [https://example.com](https://example.com).", "See docs and example.com link."),
    ("It is so.[^1]", "It is so."),
    (##"5 \* 3 and snake\_case and \#tag"##, "5 * 3 and snake_case and #tag"),
    (#"\(x\) costs \$5"#, "(x) costs $5"),
    ("Two  spaces,\ttab,\nnewline ", "Two spaces, tab, newline"),
    ("\n\nHello.", "Hello."),
  ]

  static let kept = [
    "C#, F# and C++ are languages.", "Use --flag or -f.", "The variable snake_case and a__b.", "5 * 3 = 15", "5*3=15",
    "2 + 2 = 4", "2 ** 3 and 2**3", "x**2 + y**2", "€5, $3.50 and 100 ₽", "20 °C, 50% and 5‰",
    "can’t, “quotes” and 'so'",
    "Dashes — and – and -5.", "«Ёлочки» и „лапки“", "№ 5", "cafe\u{301} and e\u{301}", "за\u{301}мок", "Already said…",
    "a < b and c > d", "Array<Int> and List<String>", "if a<b and c>d", "a || b && c",
    "Issue #5 by @ann", "ann@example.com", "AT&T and R&D", "C:\\Users\\ann", "~5 minutes in ~/Library", "*.txt",
    "/* a comment */ // and another", "10:30", "Version 2.0.0.54 and main.py", "© 2024 Example™ ®", "A → B ≠ C ✓ ½ ²",
    "{x} is [a] set", "items[0](x)", "[1] is the source.", "I.e., e.g.; so: \"yes\"!", "Да‼ Что⁉",
    "— Привет! — сказал он.",
    "Строка кода: x = y_1 + z_2;", "#hashtag", ">= 5", "日本語", "https://", "%", "+", "H~2~O", "http is a protocol",
    "The file pkg/__init__.py is empty", "__main__.swift", "[1]: see page 5", "[1]:",
  ]

  static let addresses: [Pair] = [
    ("Open https://www.example.com/a/b?c=d#e now.", "Open example.com link now."),
    ("Откройте https://example.com/путь.", "Откройте ссылка example.com."),
    ("www.example.com", "example.com link"),
    ("(see http://example.com/a_(b))", "(see example.com link)"),
    ("**https://example.com**", "example.com link"),
    ("<https://example.com/a>", "example.com link"),
    ("Сайт http://пример.рф/а!", "Сайт ссылка пример.рф!"),
    ("http://user@localhost:8080/", "localhost link"),
    ("HTTPS://EXAMPLE.COM", "EXAMPLE.COM link"),
    ("\"https://example.com\", he said", "\"example.com link\", he said"),
    ("Write to ann@example.com.", "Write to ann@example.com."),
    ("[Write](mailto:ann@example.com)", "Write"),
    ("mailto:ann@example.com?subject=a", "ann@example.com"),
    ("<ann@example.com>", "ann@example.com"),
    ("Пишите на <ann@example.com> или в www.example.com/чат", "Пишите на ann@example.com или в ссылка example.com"),
  ]

  static let html: [Pair] = [
    ("One<br>two<br/>three<BR />four", "One two three four"),
    ("<b>Bold</b> H<sub>2</sub>O", "Bold H2O"),
    ("<p class=\"a\">Text</p>", "Text"),
    ("<a href=\"https://example.com\">Name</a>", "Name"),
    ("Text<!-- hidden --> more", "Text more"),
    ("Tom &amp; Jerry &lt; 3", "Tom & Jerry < 3"),
    ("&laquo;Так&raquo;&nbsp;&mdash; &#1103; &#x42F;", "«Так» — я Я"),
    ("&amp;amp;lt; 5", "< 5"),
    ("Use the `<div>` tag, then `</div>`.", "Use the div tag, then div."),
    ("&unknown; & &;", "&unknown; & &;"),
  ]

  static let characters: [Pair] = [
    ("Hello 😀", "Hello"),
    ("Great 🎉! Go 👍🏽, now.", "Great! Go, now."),
    ("Nice👍let's go", "Nice let's go"),
    ("👨‍👩‍👧‍👦 family", "family"),
    ("Flag 🇷🇺 and 🏴󠁧󠁢󠁥󠁮󠁧󠁿.", "Flag and."),
    ("I ❤️ it ☀ ✅", "I it"),
    ("1️⃣ first #️⃣", "1 first #"),
    ("ℹ️ Note ➡️ here ↔️", "Note here"),
    ("zero\u{200B}width\u{FEFF} soft\u{AD}hyphen", "zerowidth softhyphen"),
    ("bell\u{7} and\u{0} nul\u{1B}", "bell and nul"),
    ("20\u{A0}°C\u{2009}и\u{202F}5\u{3000}км", "20 °C и 5 км"),
    ("Привет, мир! 👋🏻🌍", "Привет, мир!"),
    ("line\u{2028}break\r\nhere", "line break here"),
    ("\u{202A}left\u{202C} \u{200E}mark", "left mark"),
  ]

  static let silent = [
    "", " ", "😀", "👍🏽 🇷🇺", "---", "***", "- - -", "```", "```swift", "~~~", "**", "*", "_", "-", "—", "...", "?!",
    "|---|---|", "=====", "\u{200B}\u{FE0F}", "<br>", ">", "•", "(😀)", "\n\n", "└──┘",
    "![](x.png)", "[1]: https://example.com", "[guide]: <http://example.com/a> (Guide)", "> [1]: www.example.com 'A'",
  ]

  /// What hides words: comments, and addresses, of which only the host is spoken.
  static let unspoken = ["](", "<!--", "://", "www.", "mailto:"]

  static let marks = [
    "слово", "word", " ", " ", "\n", "*", "**", "_", "__", "~~", "`", "```", "#", "# ", "- ", "+", "> ", "|", " | ",
    "[", "]", "(", ")", "](", "!", "!(", "![", "https://", "www.", "a.b", "mailto:", "@", "<", ">", "<b>", "</b",
    "<br/>", "<!--", "-->", "&", "amp;", "&lt;", "&gt;", "&#42;", "\\", "😀", "\u{FE0F}", "\u{200D}", "1", "2.", ".",
    ",", "…", "[x] ", "---", "=", "/", "\"", "é", "e\u{301}", "^", "•", "-", "—", "№", "$", ":",
  ]
}
