import NexyCore

/// Members of a page in JSON, as the kind that is wanted; nil for another.
extension [String: JSONValue] {
  func text(_ key: String) -> String? { self[key]?.string }
  func whole(_ key: String) -> Int? { self[key]?.integer }
  func number(_ key: String) -> Double? {
    switch self[key] {
    case .number(let number): number
    case .integer(let number): Double(number)
    default: nil
    }
  }
  func isTrue(_ key: String) -> Bool { if case .bool(true) = self[key] { true } else { false } }
  func texts(_ key: String) -> [String] { self[key]?.array?.compactMap(\.string) ?? [] }
}
