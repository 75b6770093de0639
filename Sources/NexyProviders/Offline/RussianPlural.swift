/// A Russian noun in the three forms that a number asks for: 1 час, 2 часа, 5 часов.
struct RussianPlural: Sendable {
  let one: String
  let few: String
  let many: String

  func form(for count: Int) -> String {
    switch (count % 100, count % 10) {
    case (11...14, _): many
    case (_, 1): one
    case (_, 2...4): few
    default: many
    }
  }

  static let hour = RussianPlural(one: "час", few: "часа", many: "часов")
  static let minute = RussianPlural(one: "минута", few: "минуты", many: "минут")
  static let percent = RussianPlural(one: "процент", few: "процента", many: "процентов")
}
