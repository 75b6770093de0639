/// Rows under a heading, in columns as wide as their widest cell.
struct TextTable {
  /// A heading that ends with a blank stands over texts, which begin at the left; numbers end at the right.
  let headings: [String]
  var rows: [[String]] = []

  /// Nothing without a row.
  var lines: [String] {
    guard !rows.isEmpty else { return [] }
    let widths = headings.indices.map { column in
      ([headings] + rows).map { $0[column].count }.max() ?? 0
    }
    return ([headings] + rows).map { row in
      var line = ""
      for (column, cell) in row.enumerated() {
        let fill = String(repeating: " ", count: widths[column] - cell.count)
        line += (column > 0 ? "  " : "") + (headings[column].hasSuffix(" ") ? cell + fill : fill + cell)
      }
      while line.last == " " { line.removeLast() }
      return line
    }
  }
}
