import NexyCore
import Testing

@testable import NexyProviders

@Suite("Offline arithmetic")
struct OfflineArithmeticTests {
  @Test(
    "calculates what is said in English",
    arguments: [
      Spoken("2+2", "2 plus 2 is 4."),
      Spoken("2 + 2 * 2", "2 plus 2 times 2 is 6."),
      Spoken("2+2=?", "2 plus 2 is 4."),
      Spoken("what is 2 + 2", "2 plus 2 is 4."),
      Spoken("What's 7 minus 10?", "7 minus 10 is minus 3."),
      Spoken("whats seven times eight", "7 times 8 is 56."),
      Spoken("twenty five times four", "25 times 4 is 100."),
      Spoken("twenty-five times four please", "25 times 4 is 100."),
      Spoken("calculate 5 x 4", "5 times 4 is 20."),
      Spoken("5x4", "5 times 4 is 20."),
      Spoken("5 × 4", "5 times 4 is 20."),
      Spoken("6 · 7", "6 times 7 is 42."),
      Spoken("10 / 4", "10 divided by 4 is 2.5."),
      Spoken("10 ÷ 4", "10 divided by 4 is 2.5."),
      Spoken("ten over four", "10 divided by 4 is 2.5."),
      Spoken("10 : 4", "10 divided by 4 is 2.5."),
      Spoken("5 − 8", "5 minus 8 is minus 3."),
      Spoken("5 – 8", "5 minus 8 is minus 3."),
      Spoken("10 divided by 3", "10 divided by 3 is about 3.3333."),
      Spoken("two divided by three", "2 divided by 3 is about 0.6667."),
      Spoken("0.1 + 0.2", "0.1 plus 0.2 is 0.3."),
      Spoken(".5 + .25", "0.5 plus 0.25 is 0.75."),
      Spoken("two point five plus one", "2.5 plus 1 is 3.5."),
      Spoken("three point one four times two", "3.14 times 2 is 6.28."),
      Spoken("two and a half times two", "2.5 times 2 is 5."),
      Spoken("1,000 plus 1", "1000 plus 1 is 1001."),
      Spoken("1,234,567 + 1", "1234567 plus 1 is 1234568."),
      Spoken("1,234.5 * 2", "1234.5 times 2 is 2469."),
      Spoken("one hundred and five minus five", "105 minus 5 is 100."),
      Spoken("a hundred plus one", "100 plus 1 is 101."),
      Spoken("two thousand twenty six minus one thousand nine hundred ninety", "2026 minus 1990 is 36."),
      Spoken("nine hundred ninety nine thousand plus one thousand", "999000 plus 1000 is 1000000."),
      Spoken("one million minus one", "1000000 minus 1 is 999999."),
      Spoken("5 million divided by 2", "5000000 divided by 2 is 2500000."),
      Spoken("what is 15% of 200", "15 percent of 200 is 30."),
      Spoken("what's 15 percent of 200", "15 percent of 200 is 30."),
      Spoken("fifteen percent of two hundred", "15 percent of 200 is 30."),
      Spoken("200 + 10%", "200 plus 10 percent is 220."),
      Spoken("200 minus 10 percent", "200 minus 10 percent is 180."),
      Spoken("half of 5", "Half of 5 is 2.5."),
      Spoken("what is half of fifty", "Half of 50 is 25."),
      Spoken("a third of 9", "A third of 9 is 3."),
      Spoken("a quarter of 100", "A quarter of 100 is 25."),
      Spoken("2^10", "2 to the power of 10 is 1024."),
      Spoken("2**3", "2 cubed is 8."),
      Spoken("2 to the power of 8", "2 to the power of 8 is 256."),
      Spoken("2 to the tenth power", "2 to the power of 10 is 1024."),
      Spoken("2 to the 10th", "2 to the power of 10 is 1024."),
      Spoken("2^3^2", "2 to the power of 3 squared is 512."),
      Spoken("five squared", "5 squared is 25."),
      Spoken("5²", "5 squared is 25."),
      Spoken("three cubed", "3 cubed is 27."),
      Spoken("square root of 16", "The square root of 16 is 4."),
      Spoken("what is the square root of two", "The square root of 2 is about 1.4142."),
      Spoken("sqrt(16)", "The square root of 16 is 4."),
      Spoken("√16 + 9", "The square root of 16 plus 9 is 13."),
      Spoken("cube root of 27", "The cube root of 27 is 3."),
      Spoken("cube root of -27", "The cube root of minus 27 is minus 3."),
      Spoken("20 percent off 50", "50 minus 20 percent is 40."),
      Spoken("one third plus one third", "A third plus a third is about 0.6667."),
      Spoken("half of a million", "Half of 1000000 is 500000."),
      Spoken("half of a half", "Half of half is 0.25."),
      Spoken("(2+2)*2", "That's 8."),
      Spoken("2 * (3 + 4)", "That's 14."),
      Spoken("2(3+4)", "That's 14."),
      Spoken("-3 + 5", "Minus 3 plus 5 is 2."),
      Spoken("minus three times minus three", "Minus 3 times minus 3 is 9."),
      Spoken("-2^2", "Minus 2 squared is minus 4."),
      Spoken("(-2)^2", "That's 4."),
      Spoken("2^-1", "2 to the power of minus 1 is 0.5."),
      Spoken("1+2+3+4+5", "That's 15."),
      Spoken("1/3*3", "1 divided by 3 times 3 is 1."),
      Spoken("17 % 5", "17 modulo 5 is 2."),
      Spoken("divide 10 by 4", "10 divided by 4 is 2.5."),
      Spoken("multiply five by six", "5 times 6 is 30."),
      Spoken("add 2 and 3", "2 plus 3 is 5."),
      Spoken("subtract 3 from 10", "10 minus 3 is 7."),
      Spoken("the sum of 2 and 3", "2 plus 3 is 5."),
      Spoken("Nexy, could you please calculate 12 times 12?", "12 times 12 is 144."),
      Spoken("hello, how much is 3 plus 4 thanks", "3 plus 4 is 7."),
      Spoken("what is 100-50-25", "100 minus 50 minus 25 is 25."),
      Spoken("2024 - 1 - 1", "2024 minus 1 minus 1 is 2022."),
      Spoken("2024-2000", "2024 minus 2000 is 24."),
      Spoken("1000000-500000", "1000000 minus 500000 is 500000."),
      Spoken("+5 - 3", "5 minus 3 is 2."),
      Spoken("5-3-1", "5 minus 3 minus 1 is 1."),
      Spoken("fourth root of 16", "The fourth root of 16 is 2."),
      Spoken("what's the 5th root of 32", "The fifth root of 32 is 2."),
      Spoken("root 16", "The square root of 16 is 4."),
      Spoken("negative five times negative two", "Minus 5 times minus 2 is 10."),
      Spoken("what's 7.5% of 1200", "7.5 percent of 1200 is 90."),
      Spoken("six hundred and sixty-six times three", "666 times 3 is 1998."),
      Spoken("three plus four equals", "3 plus 4 is 7."),
      Spoken("tell me what is 6 times 7", "6 times 7 is 42."),
    ])
  func english(row: Spoken) async throws {
    #expect(try await askOffline(row.prompt).text == row.reply)
  }

  @Test(
    "calculates what is said in Russian",
    arguments: [
      Spoken("сколько будет 2+2", "2 плюс 2 будет 4."),
      Spoken("Сколько будет два плюс два?", "2 плюс 2 будет 4."),
      Spoken("два плюс два", "2 плюс 2 будет 4."),
      Spoken("сколько будет дважды два", "2 умножить на 2 будет 4."),
      Spoken("двадцать пять умножить на четыре", "25 умножить на 4 будет 100."),
      Spoken("сто двадцать три плюс семь", "123 плюс 7 будет 130."),
      Spoken("двадцать одна плюс две", "21 плюс 2 будет 23."),
      Spoken("пять помножить на шесть", "5 умножить на 6 будет 30."),
      Spoken("десять разделить на четыре", "10 разделить на 4 будет 2,5."),
      Spoken("10 делить на 3", "10 разделить на 3 будет примерно 3,3333."),
      Spoken("100 поделить на 8", "100 разделить на 8 будет 12,5."),
      Spoken("2,5 + 2,5", "2.5 plus 2.5 is 5."),
      Spoken("посчитай 2,5 + 2,6", "2,5 плюс 2,6 будет 5,1."),
      Spoken("посчитай 1,000 + 1", "1 плюс 1 будет 2."),
      Spoken("посчитай: 3 * 3", "3 умножить на 3 будет 9."),
      Spoken("посчитай-ка 3 умножить на 4", "3 умножить на 4 будет 12."),
      Spoken("сколько будет 15 процентов от 200", "15 процентов от 200 будет 30."),
      Spoken("15% от 200 это сколько", "15 процентов от 200 будет 30."),
      Spoken("один процент от тысячи", "1 процент от 1000 будет 10."),
      Spoken("два процента от пятисот", "2 процента от 500 будет 10."),
      Spoken("половина от 5", "Половина от 5 будет 2,5."),
      Spoken("сколько будет половина от двадцати", "Половина от 20 будет 10."),
      Spoken("треть от девяти", "Треть от 9 будет 3."),
      Spoken("два в степени десять", "2 в степени 10 будет 1024."),
      Spoken("два в десятой степени", "2 в степени 10 будет 1024."),
      Spoken("2 в 10-й степени", "2 в степени 10 будет 1024."),
      Spoken("2 в 10 степени", "2 в степени 10 будет 1024."),
      Spoken("пять в квадрате", "5 в квадрате будет 25."),
      Spoken("три в кубе", "3 в кубе будет 27."),
      Spoken("три в третьей степени", "3 в кубе будет 27."),
      Spoken("корень из 16", "Квадратный корень из 16 будет 4."),
      Spoken("чему равен квадратный корень из шестнадцати", "Квадратный корень из 16 будет 4."),
      Spoken("корень из двух", "Квадратный корень из 2 будет примерно 1,4142."),
      Spoken("кубический корень из 27", "Кубический корень из 27 будет 3."),
      Spoken("три минус пять", "3 минус 5 будет минус 2."),
      Spoken("минус три плюс пять", "Минус 3 плюс 5 будет 2."),
      Spoken("два с половиной умножить на два", "2,5 умножить на 2 будет 5."),
      Spoken("две целых пять десятых плюс один", "2,5 плюс 1 будет 3,5."),
      Spoken("полторы тысячи плюс пятьсот", "1500 плюс 500 будет 2000."),
      Spoken("две тысячи двадцать шесть минус тысяча девятьсот девяносто", "2026 минус 1990 будет 36."),
      Spoken("миллион разделить на тысячу", "1000000 разделить на 1000 будет 1000."),
      Spoken("1 000 000 плюс 1 сколько будет", "1000000 плюс 1 будет 1000001."),
      Spoken("девятьсот тысяч плюс сто тысяч", "900000 плюс 100000 будет 1000000."),
      Spoken("пять х шесть", "5 умножить на 6 будет 30."),
      Spoken("раздели 10 на 4", "10 разделить на 4 будет 2,5."),
      Spoken("вычти 3 из 10", "10 минус 3 будет 7."),
      Spoken("к двум прибавить три", "2 плюс 3 будет 5."),
      Spoken("от десяти отнять три", "10 минус 3 будет 7."),
      Spoken("сложи два и три", "2 плюс 3 будет 5."),
      Spoken("сколько будет пять на шесть", "5 умножить на 6 будет 30."),
      Spoken("посчитай (2+2)*2", "Получится 8."),
      Spoken("Нэкси, можешь посчитать сколько будет семью восемь", "7 умножить на 8 будет 56."),
      Spoken("пожалуйста вычисли 9 умножить на 9 спасибо", "9 умножить на 9 будет 81."),
      Spoken("сколько будет 100-50-25", "100 минус 50 минус 25 будет 25."),
      Spoken("корень третьей степени из 27", "Кубический корень из 27 будет 3."),
      Spoken("корень четвёртой степени из 16", "Корень четвёртой степени из 16 будет 2."),
      Spoken("минус семь умножить на минус восемь", "Минус 7 умножить на минус 8 будет 56."),
      Spoken("сколько будет 7,5% от 1200", "7,5 процента от 1200 будет 90."),
      Spoken("чему равно 2 + 2 * 2", "2 плюс 2 умножить на 2 будет 6."),
      Spoken("четыреста сорок четыре минус одиннадцать", "444 минус 11 будет 433."),
    ])
  func russian(row: Spoken) async throws {
    #expect(try await askOffline(row.prompt).text == row.reply)
  }

  @Test(
    "says when there is no result, and rounds what is too long to hear",
    arguments: [
      Spoken("5 / 0", "I can't divide by zero."),
      Spoken("10 divided by zero", "I can't divide by zero."),
      Spoken("1 / (2 - 2)", "I can't divide by zero."),
      Spoken("0^-1", "I can't divide by zero."),
      Spoken("5 modulo 0", "I can't divide by zero."),
      Spoken("пять разделить на ноль", "На ноль делить нельзя."),
      Spoken("square root of -4", "That is the root of a negative number, and there is no real one."),
      Spoken("(-4)^0.5", "That is the root of a negative number, and there is no real one."),
      Spoken("корень из минус четырех", "Это корень из отрицательного числа, действительного значения у него нет."),
      Spoken("10^15", "That's 10 to the power of 15."),
      Spoken("2^100", "2 to the power of 100 is about 1.2677 times 10 to the power of 30."),
      Spoken("2^200", "2 to the power of 200 is about 1.6069 times 10 to the power of 60."),
      Spoken("два в степени сто", "2 в степени 100 будет примерно 1,2677 умножить на 10 в степени 30."),
      Spoken("170141183460469231731687303715884105727 + 1", "That's about 1.7014 times 10 to the power of 38."),
      Spoken("2 ^ 9223372036854775807", "That number is too large for me."),
      Spoken("1 ^ 9223372036854775807", "That's 1."),
      Spoken("9^9^9", "That number is too large for me."),
      Spoken("девять в степени миллион", "Это число слишком большое для меня."),
      Spoken("1 / 30000", "1 divided by 30000 is about 3.3333 times 10 to the power of minus 5."),
      Spoken("1 / 1024", "1 divided by 1024 is 0.0009765625."),
      Spoken("999999999999999 + 0", "999999999999999 plus 0 is 999999999999999."),
      Spoken("4^0.5", "4 to the power of 0.5 is 2."),
      Spoken("0 * -5", "0 times minus 5 is 0."),
      Spoken("0^0", "0 to the power of 0 is 1."),
      Spoken("-7 % 3", "Minus 7 modulo 3 is 2."),
    ])
  func limits(row: Spoken) async throws {
    #expect(try await askOffline(row.prompt).text == row.reply)
  }

  @Test("calculates fifty parentheses deep and no deeper")
  func depth() async throws {
    func nested(_ depth: Int) -> String {
      String(repeating: "(", count: depth) + "1+1" + String(repeating: ")", count: depth)
    }
    #expect(try await askOffline(nested(50)).text == "1 plus 1 is 2.")
    let tooDeep = "That calculation is too complicated for me."
    #expect(try await askOffline(nested(51)).text == tooDeep)
    #expect(try await askOffline(String(repeating: "-", count: 60) + "1+1").text == tooDeep)
  }

  @Test("reads no request longer than five hundred characters")
  func length() async throws {
    let longest = "1" + String(repeating: "+1", count: 249)
    #expect(try await askOffline(longest).text == "That's 250.")
    #expect(try await askOffline(longest + "+1+1").text.hasPrefix("I can't answer that"))
  }

  @Test(
    "calculates nothing where nothing is to be calculated",
    arguments: [
      "42", "minus 5", "15%", "what is five", "10:30", "two", "one plus", "plus", "2 + + ", "2 2", "twenty twenty",
      "what is love", "5 apples plus 3 apples", "version 1.2.3", "(2+2", "2+2)", "2 + 2 = 4 or 5", "3 of 10",
      "сколько стоит телефон", "сколько будет стоить 5 яблок", "один", "сколько", "плюс", "два три", "пять минут",
      "на два", "от десяти", "2024-01-01", "what is 2024-1-5", "01-02-2024", "12/25/2024", "01/02/2024", "1.2.3",
      "12.05.2024", "10:30:15", "+7 999 123-45-67", "+1-202-555-0143", "8 (800) 555-35-35", "(555) 123-4567",
      "555-1234", "123-45-67", "8-800-555-35-35", "сколько будет 8-800-555-35-35", "what is +7 999 123-45-67",
      "1234-5678-9012-3456", "192.168.1.1", "2024–01–01", "сколько будет 2024-01-01",
      "what is the square root", "корень из", "$5 + $3", "2 + x",
    ])
  func notArithmetic(prompt: String) async throws {
    let reply = try await askOffline(prompt).text
    #expect(reply.contains("GEMINI_API_KEY"), "\(prompt): \(reply)")
  }
}
