/// Which bracket closes which, in a text where some may have no partner.
struct BracketPairs {
  /// The place of the closing bracket by that of the opening one.
  private(set) var partner: [Int: Int] = [:]

  init(of text: [Unicode.Scalar]) {
    guard text.contains("[") else { return }
    var square: [Int] = []
    var round: [Int] = []
    for (index, scalar) in text.enumerated() {
      switch scalar {
      case "[": square.append(index)
      case "]": if let open = square.popLast() { partner[open] = index }
      case "(": round.append(index)
      case ")": if let open = round.popLast() { partner[open] = index }
      default: break
      }
    }
  }
}
