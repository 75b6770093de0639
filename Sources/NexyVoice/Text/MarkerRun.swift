/// A run of one of Markdown's markers, between what is said before it and what comes after it.
struct MarkerRun {
  let marker: Unicode.Scalar
  let count: Int
  let before: Unicode.Scalar?
  let after: Unicode.Scalar?

  /// Whether the run means itself: "5 * 3", "snake_case", "~5", "*.txt". If not, it marks a span, perhaps one that
  /// begins or ends in another sentence.
  var isText: Bool {
    let isOpenBefore = before == nil || before == " "
    let isOpenAfter = after == nil || after == " "
    if before == " ", after == " " { return true }
    let isInWord = before?.isWordPart == true && after?.isWordPart == true
    switch marker {
    case "*":
      if count == 1 {
        if isInWord { return true }
        if isOpenBefore, after == "." || after == "/" { return true }
        return (before == "/" && isOpenAfter) || (before == "(" && after == ")")
      }
      // A power: 2**3, x**2.
      guard count == 2, let before, let after else { return false }
      return (before.isWordPart || before == ")") && ("0"..."9").contains(after)
    case "_": return isInWord
    case "~": return count == 1
    default: return false
    }
  }
}
