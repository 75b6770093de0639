/// The words and signs of arithmetic.
enum ArithmeticVocabulary {
  static let symbols: [Character: ArithmeticToken] = [
    "+": .operation(.plus), "-": .operation(.minus), "*": .operation(.times), "/": .operation(.divided),
    ":": .operation(.divided), "^": .operation(.power), "(": .open, ")": .close, "√": .root(2), "²": .raised(2),
    "³": .raised(3),
  ]

  /// Words that stand beside numbers and change nothing.
  static let fillers = PhraseSet("the, number, numbers, число, числа, числу, чисел, числом, ка")

  /// How a calculation is asked for, before it.
  static let openings = PhraseSet(
    """
    what is, whats, what does, what are, what would be, what will be, what do you get if you, what do i get if i, what
    how much is, how much are, how much does, how much, how many is, how many, calculate, compute, work out, figure out
    solve, evaluate, count, find, the value of, value of, the result of, result of, the answer to, do the math
    if you, if i, for me, me, the expression
    сколько будет, сколько это будет, сколько, сколько получится, сколько получится если, сколько будет если
    посчитай, посчитайте, посчитать, подсчитай, подсчитайте, подсчитать, сосчитай, сосчитайте, вычисли, вычислите
    вычислить, рассчитай, рассчитайте, рассчитать, реши, решите, решить, реши пример, найди, найдите, найти
    чему равно, чему равен, чему равна, чему равны, чему равняется, чему будет равно, чему будет равен
    что будет если, что будет, что получится если, что такое, результат, значение, выражение, пример, мне, если, ка
    какой, каков, какова, какая, какое, будет, это
    """)

  /// How a calculation is asked for, after it.
  static let closings = PhraseSet(
    """
    equals, equal, is, what, makes, make, give, gives, равно, равен, равна, равняется, будет, это, сколько, получится
    чему, выходит, составляет, составит
    """)

  static let longestPhrase = 6

  /// What words mean, the longest phrase first.
  static let phrases: [String: ArithmeticToken] = {
    var phrases: [String: ArithmeticToken] = [:]
    for (token, lines) in vocabulary {
      for phrase in PhraseSet.entries(of: lines) { phrases[phrase] = token }
    }
    return phrases
  }()

  private static let vocabulary: [(ArithmeticToken, String)] = [
    (.operation(.plus), "plus, added to, плюс, плюсом, да еще"),
    (.operation(.minus), "minus, take away, negative, less, минус"),
    (
      .operation(.times),
      """
      times, multiplied by, multiply by, times by, x, х, умножить на, умноженное на, умноженный на, умноженная на
      умножь на, умножьте на, умножаем на, помножить на, помноженное на, помножь на
      """
    ),
    (
      .operation(.divided),
      """
      divided by, divide by, over, разделить на, делить на, поделить на, разделенное на, деленное на, поделенное на
      раздели на, разделите на, подели на, поделите на, дели на, делим на, деленный на
      """
    ),
    (.operation(.remainder), "modulo, mod, modulus, по модулю"),
    (
      .operation(.power),
      """
      to the power of, to the power, raised to the power of, raised to the power, raised to, power, to power
      в степени, в степень, возвести в степень, возведенное в степень
      """
    ),
    (.operation(.of), "of, от"),
    (.verb(.plus, isReversed: false), "add, sum, sum of, total of, сложи, сложите, сложить, сумма, сумму, суммируй"),
    (.verb(.plus, isReversed: true), "прибавь, прибавьте, прибавить, добавь, добавьте, добавить"),
    (.verb(.minus, isReversed: false), "difference between, difference of, difference, разность, разница, разницу"),
    (.verb(.minus, isReversed: true), "subtract, take, deduct, вычти, вычтите, вычесть, отними, отнимите, отнять"),
    (
      .verb(.times, isReversed: false),
      """
      multiply, product of, product, умножь, умножьте, умножить, помножь, помножить, перемножь, перемножьте
      перемножить, произведение
      """
    ),
    (
      .verb(.divided, isReversed: false),
      """
      divide, quotient of, раздели, разделите, разделить, подели, поделите, поделить, дели, делить, частное
      """
    ),
    (.link, "and, to, from, with, between, и, к, ко, из, с, со, между"),
    (.by, "by, на"),
    (.off, "off, off of"),
    (
      .share(2),
      """
      half of, a half of, one half of, half, a half, one half, половина от, половину от, половина, половину
      половина из, половины
      """
    ),
    (.share(3), "third of, a third of, one third of, a third, one third, треть от, треть, одна треть"),
    (
      .share(4),
      """
      quarter of, a quarter of, one quarter of, a quarter, one quarter, четверть от, четверть, одна четверть
      """
    ),
    (
      .root(2),
      """
      square root of, square root, root of, root, sqrt, sqrt of, square root from, корень из, корень, корня из
      квадратный корень из, квадратный корень, корень квадратный из, корень квадратный, квадратного корня из
      """
    ),
    (
      .root(3),
      """
      cube root of, cubic root of, third root of, кубический корень из, корень кубический из, кубический корень
      """
    ),
    (.powerOf(2), "square of, квадрат, square"),
    (.powerOf(3), "cube of, куб, cube"),
    (.raised(2), "squared, в квадрате, во квадрате, в квадрат, возвести в квадрат"),
    (.raised(3), "cubed, в кубе, в куб, возвести в куб"),
  ]
}
