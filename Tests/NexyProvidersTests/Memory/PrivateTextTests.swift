import Testing

@testable import NexyProviders

@Suite struct PrivateTextTests {
  @Test(arguments: [
    ("My card is 4111 1111 1111 1111, remember it", "My card is ****, remember it"),
    ("4111-1111-1111-1111", "****"),
    ("Card:5500005555555559.", "Card:****."),
    ("order 12345 4111 1111 1111 1111", "order 12345 ****"),
    ("Карта 2200 0000 0000 0053 годна", "Карта **** годна"),
    ("378282246310005", "****"),
  ])
  func `card numbers are masked`(text: String, masked: String) {
    #expect(PrivateText.masked(text) == masked)
  }

  @Test(arguments: [
    ("My password is hunter2", "My password is ****"),
    ("my password is blue horse battery, please remember", "my password is **** please remember"),
    ("The password: qwerty. Open Safari.", "The password: **** Open Safari."),
    ("Change my password to swordfish", "Change my password to ****"),
    ("My PIN for the bank is 4 4 5 5", "My PIN for the bank is ****"),
    ("The security code of it was 123", "The security code of it was ****"),
    ("Мой пароль — солнышко", "Мой пароль — ****"),
    ("пароль от почты это барсик", "пароль от почты это ****"),
    ("Смени пароль на барсик", "Смени пароль на ****"),
    ("Код подтверждения 48 15 16", "Код подтверждения ****"),
    ("ПИН-код: 1234", "ПИН-код: ****"),
    ("api_key=abcdef", "api_key=****"),
    ("Use sk_live_abcdefghijklmnop now", "Use **** now"),
    ("https://me:secret@example.com/", "https://****@example.com/"),
  ])
  func `passwords and codes are masked as people say them`(text: String, masked: String) {
    #expect(PrivateText.masked(text) == masked)
  }

  @Test(arguments: [
    "", "Open Safari and read the news.", "Call +7 912 345-67-89", "It is 12345678901234567890 steps",
    "How do I change my password in Safari?", "My password is wrong, what now?", "I forgot my password. It is late.",
    "Мне 42 года, я люблю музыку.\nОткрой  почту!", "The code is well written", "1 2 3 4 5 6 7 8 9 10",
    "Pin the tab\n12 more", "  spaces  stay \t as they are ",
  ])
  func `everything else stays as it was`(text: String) {
    #expect(PrivateText.masked(text) == text)
  }

  @Test(arguments: ["My password is hunter2", "4111 1111 1111 1111", "пароль: барсик"])
  func `masking twice changes nothing`(text: String) {
    let masked = PrivateText.masked(text)
    #expect(PrivateText.masked(masked) == masked)
  }
}
