/// A text and the sentences it has.
struct SegmentationCase: Sendable, CustomStringConvertible {
  let text: String
  let sentences: [String]

  init(_ text: String, _ sentences: [String]) {
    self.text = text
    self.sentences = sentences
  }

  var description: String { text }
}

/// The Golden Rules for English, as numbered by diasks2/pragmatic_segmenter (spec/…/languages/english_spec.rb) and
/// nipunsadvilkar/pySBD (benchmarks/english_golden_rules.py), which leaves out 40–42 and 52.
enum GoldenRules {
  /// The 48 that pySBD's benchmark counts.
  static let english: [SegmentationCase] = [
    SegmentationCase("Hello World. My name is Jonas.", ["Hello World.", "My name is Jonas."]),
    SegmentationCase("What is your name? My name is Jonas.", ["What is your name?", "My name is Jonas."]),
    SegmentationCase("There it is! I found it.", ["There it is!", "I found it."]),
    SegmentationCase("My name is Jonas E. Smith.", ["My name is Jonas E. Smith."]),
    SegmentationCase("Please turn to p. 55.", ["Please turn to p. 55."]),
    SegmentationCase("Were Jane and co. at the party?", ["Were Jane and co. at the party?"]),
    SegmentationCase(
      "They closed the deal with Pitt, Briggs & Co. at noon.",
      ["They closed the deal with Pitt, Briggs & Co. at noon."]),
    SegmentationCase("Let's ask Jane and co. They should know.", ["Let's ask Jane and co.", "They should know."]),
    SegmentationCase(
      "They closed the deal with Pitt, Briggs & Co. It closed yesterday.",
      ["They closed the deal with Pitt, Briggs & Co.", "It closed yesterday."]),
    SegmentationCase("I can see Mt. Fuji from here.", ["I can see Mt. Fuji from here."]),
    SegmentationCase(
      "St. Michael's Church is on 5th st. near the light.", ["St. Michael's Church is on 5th st. near the light."]),
    SegmentationCase("That is JFK Jr.'s book.", ["That is JFK Jr.'s book."]),
    SegmentationCase("I visited the U.S.A. last year.", ["I visited the U.S.A. last year."]),
    SegmentationCase("I live in the E.U. How about you?", ["I live in the E.U.", "How about you?"]),
    SegmentationCase("I live in the U.S. How about you?", ["I live in the U.S.", "How about you?"]),
    SegmentationCase(
      "I work for the U.S. Government in Virginia.", ["I work for the U.S. Government in Virginia."]),
    SegmentationCase("I have lived in the U.S. for 20 years.", ["I have lived in the U.S. for 20 years."]),
    SegmentationCase(
      "At 5 a.m. Mr. Smith went to the bank. He left the bank at 6 P.M. Mr. Smith then went to the store.",
      [
        "At 5 a.m. Mr. Smith went to the bank.", "He left the bank at 6 P.M.", "Mr. Smith then went to the store.",
      ]),
    SegmentationCase("She has $100.00 in her bag.", ["She has $100.00 in her bag."]),
    SegmentationCase("She has $100.00. It is in her bag.", ["She has $100.00.", "It is in her bag."]),
    SegmentationCase(
      "He teaches science (He previously worked for 5 years as an engineer.) at the local University.",
      ["He teaches science (He previously worked for 5 years as an engineer.) at the local University."]),
    SegmentationCase(
      "Her email is Jane.Doe@example.com. I sent her an email.",
      ["Her email is Jane.Doe@example.com.", "I sent her an email."]),
    SegmentationCase(
      "The site is: https://www.example.50.com/new-site/awesome_content.html. Please check it out.",
      ["The site is: https://www.example.50.com/new-site/awesome_content.html.", "Please check it out."]),
    SegmentationCase(
      "She turned to him, 'This is great.' she said.", ["She turned to him, 'This is great.' she said."]),
    SegmentationCase(
      "She turned to him, \"This is great.\" she said.", ["She turned to him, \"This is great.\" she said."]),
    SegmentationCase(
      "She turned to him, \"This is great.\" She held the book out to show him.",
      ["She turned to him, \"This is great.\"", "She held the book out to show him."]),
    SegmentationCase("Hello!! Long time no see.", ["Hello!!", "Long time no see."]),
    SegmentationCase("Hello?? Who is there?", ["Hello??", "Who is there?"]),
    SegmentationCase("Hello!? Is that you?", ["Hello!?", "Is that you?"]),
    SegmentationCase("Hello?! Is that you?", ["Hello?!", "Is that you?"]),
    SegmentationCase("1.) The first item 2.) The second item", ["1.) The first item", "2.) The second item"]),
    SegmentationCase("1.) The first item. 2.) The second item.", ["1.) The first item.", "2.) The second item."]),
    SegmentationCase("1) The first item 2) The second item", ["1) The first item", "2) The second item"]),
    SegmentationCase("1) The first item. 2) The second item.", ["1) The first item.", "2) The second item."]),
    SegmentationCase("1. The first item 2. The second item", ["1. The first item", "2. The second item"]),
    SegmentationCase("1. The first item. 2. The second item.", ["1. The first item.", "2. The second item."]),
    SegmentationCase("• 9. The first item • 10. The second item", ["• 9. The first item", "• 10. The second item"]),
    SegmentationCase("⁃9. The first item ⁃10. The second item", ["⁃9. The first item", "⁃10. The second item"]),
    SegmentationCase(
      "a. The first item b. The second item c. The third list item",
      ["a. The first item", "b. The second item", "c. The third list item"]),
    SegmentationCase(
      "You can find it at N°. 1026.253.553. That is where the treasure is.",
      ["You can find it at N°. 1026.253.553.", "That is where the treasure is."]),
    SegmentationCase(
      "She works at Yahoo! in the accounting department.", ["She works at Yahoo! in the accounting department."]),
    SegmentationCase(
      "We make a good team, you and I. Did you see Albert I. Jones yesterday?",
      ["We make a good team, you and I.", "Did you see Albert I. Jones yesterday?"]),
    SegmentationCase(
      """
      Thoreau argues that by simplifying one’s life, “the laws of the universe will appear less complex. . . .”
      """,
      [
        """
        Thoreau argues that by simplifying one’s life, “the laws of the universe will appear less complex. . . .”
        """
      ]),
    SegmentationCase(
      "\"Bohr [...] used the analogy of parallel stairways [...]\" (Smith 55).",
      ["\"Bohr [...] used the analogy of parallel stairways [...]\" (Smith 55)."]),
    SegmentationCase(
      """
      If words are left off at the end of a sentence, and that is all that is omitted, indicate the omission with \
      ellipsis marks (preceded and followed by a space) and then indicate the end of the sentence with a period \
      . . . . Next sentence.
      """,
      [
        """
        If words are left off at the end of a sentence, and that is all that is omitted, indicate the omission with \
        ellipsis marks (preceded and followed by a space) and then indicate the end of the sentence with a period \
        . . . .
        """,
        "Next sentence.",
      ]),
    SegmentationCase(
      "I never meant that.... She left the store.", ["I never meant that....", "She left the store."]),
    SegmentationCase(
      """
      I wasn’t really ... well, what I mean...see . . . what I'm saying, the thing is . . . I didn’t mean it.
      """,
      [
        """
        I wasn’t really ... well, what I mean...see . . . what I'm saying, the thing is . . . I didn’t mean it.
        """
      ]),
    SegmentationCase(
      """
      One further habit which was somewhat weakened . . . was that of combining words into self-interpreting \
      compounds. . . . The practice was not abandoned. . . .
      """,
      [
        """
        One further habit which was somewhat weakened . . . was that of combining words into self-interpreting \
        compounds.
        """,
        ". . . The practice was not abandoned. . . .",
      ]),
  ]

  /// The four that it leaves out: newlines within and between sentences, and sentences without white space between.
  static let newlinesAndGlue: [SegmentationCase] = [
    SegmentationCase(
      "This is a sentence\ncut off in the middle because pdf.",
      ["This is a sentence cut off in the middle because pdf."]),
    SegmentationCase("It was a cold \nnight in the city.", ["It was a cold night in the city."]),
    SegmentationCase(
      "features\ncontact manager\nevents, activities\n", ["features", "contact manager", "events, activities"]),
    SegmentationCase(
      "Hello world.Today is Tuesday.Mr. Smith went to the store and bought 1,000.That is a lot.",
      [
        "Hello world.", "Today is Tuesday.", "Mr. Smith went to the store and bought 1,000.", "That is a lot.",
      ]),
  ]
}
