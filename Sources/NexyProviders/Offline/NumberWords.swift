/// The words that numbers are made of, in the cases that arithmetic puts them in.
enum NumberWords {
  /// Everything below a thousand that is one word, but the English hundred, which multiplies.
  static let small: [String: Int] = table(
    """
    0: zero, nought, ноль, нуль, ноля, нуля, нолю, нулю
    1: one, один, одна, одно, одну, одного, одной, одному
    2: two, два, две, двух, двум
    3: three, три, трех, трем
    4: four, четыре, четырех, четырем
    5: five, пять, пяти
    6: six, шесть, шести
    7: seven, семь, семи
    8: eight, восемь, восьми
    9: nine, девять, девяти
    10: ten, десять, десяти
    11: eleven, одиннадцать, одиннадцати
    12: twelve, двенадцать, двенадцати
    13: thirteen, тринадцать, тринадцати
    14: fourteen, четырнадцать, четырнадцати
    15: fifteen, пятнадцать, пятнадцати
    16: sixteen, шестнадцать, шестнадцати
    17: seventeen, семнадцать, семнадцати
    18: eighteen, восемнадцать, восемнадцати
    19: nineteen, девятнадцать, девятнадцати
    20: twenty, двадцать, двадцати
    30: thirty, тридцать, тридцати
    40: forty, fourty, сорок, сорока
    50: fifty, пятьдесят, пятидесяти
    60: sixty, шестьдесят, шестидесяти
    70: seventy, семьдесят, семидесяти
    80: eighty, восемьдесят, восьмидесяти
    90: ninety, девяносто, девяноста
    100: сто, ста
    200: двести, двухсот, двумстам
    300: триста, трехсот, тремстам
    400: четыреста, четырехсот, четыремстам
    500: пятьсот, пятисот, пятистам
    600: шестьсот, шестисот, шестистам
    700: семьсот, семисот, семистам
    800: восемьсот, восьмисот, восьмистам
    900: девятьсот, девятисот, девятистам
    """)

  static let multipliers: [String: Int] = table(
    """
    1000: thousand, thousands, тысяча, тысячи, тысяч, тысячу, тысяче
    1000000: million, millions, миллион, миллиона, миллионов, миллиону
    1000000000: billion, billions, миллиард, миллиарда, миллиардов, миллиарду
    """)

  /// Ordinals as they name a power: the third power, третья степень.
  static let ordinals: [String: Int] = table(
    """
    1: first, первой, первую
    2: second, второй, вторую
    3: third, третьей, третью
    4: fourth, четвертой, четвертую
    5: fifth, пятой, пятую
    6: sixth, шестой, шестую
    7: seventh, седьмой, седьмую
    8: eighth, восьмой, восьмую
    9: ninth, девятой, девятую
    10: tenth, десятой, десятую
    """)

  /// Decimal parts, by how many of them make a whole.
  static let russianParts: [String: Int] = table(
    """
    10: десятых, десятая, десятые, десятой
    100: сотых, сотая, сотые, сотой
    1000: тысячных, тысячная, тысячные, тысячной
    """)

  /// Multiplication as the table is recited: дважды два, пятью пять.
  static let recited: [String: Int] = table(
    """
    2: дважды, twice
    3: трижды, thrice
    4: четырежды
    5: пятью
    6: шестью
    7: семью
    8: восемью
    9: девятью
    10: десятью
    """)

  private static func table(_ lines: String) -> [String: Int] {
    var table: [String: Int] = [:]
    for line in lines.split(whereSeparator: \.isNewline) {
      let parts = line.split(separator: ":")
      guard parts.count == 2, let number = Int(parts[0]) else { continue }
      for word in PhraseSet.entries(of: String(parts[1])) { table[word] = number }
    }
    return table
  }
}
