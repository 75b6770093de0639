import NexyUpdates
import Testing

/// The answers are those of Apple's date formatter (ICU) for Sparkle's format.
@Suite struct FeedDateTests {
  @Test(
    arguments: [
      ("Sat, 26 Jul 2014 15:20:11 +0000", 1_406_388_011), ("Sat, 26 Jul 2014 15:20:11 GMT", 1_406_388_011),
      ("Sat, 26 Jul 2014 15:20:11 UTC", 1_406_388_011), ("Sat, 26 Jul 2014 15:20:11 ut", 1_406_388_011),
      ("Sat, 26 Jul 2014 15:20:11 Z", 1_406_388_011), ("Sat, 26 Jul 2014 15:20:11 +00:00", 1_406_388_011),
      (" Sat, 26  Jul 2014 15:20:11 +0000", 1_406_388_011), ("Mon, 26 Jul 2014 15:20:11 +0000", 1_406_388_011),
      ("Saturday, 26 July 2014 15:20:11 +0000", 1_406_388_011), ("sat, 26 jul 2014 15:20:11 +0000", 1_406_388_011),
      ("Sat, 6 Jul 2014 15:20:11 +0200", 1_404_652_811), ("Sat, 26 Jul 2014 5:2:1 -0030", 1_406_352_721),
      ("Thu, 01 Jan 1970 00:00:00 +0000", 0), ("Thu, 29 Feb 2024 23:59:59 +0000", 1_709_251_199),
      ("Fri, 31 Dec 1999 23:59:59 +0000", 946_684_799), ("Sat, 01 Mar 2000 00:00:00 +0000", 951_868_800),
    ] as [(String, Int64)])
  func `dates that Sparkle reads`(date: (String, Int64)) {
    #expect(FeedDate.seconds(date.0) == date.1)
  }

  @Test(arguments: [
    "", "26 Jul 2014 15:20:11 +0000", "2014-07-26T15:20:11Z", "Sat, 31 Feb 2014 15:20:11 +0000",
    "Sat,26 Jul 2014 15:20:11 +0000", "Sat, 26 Jul 2014 15:20 +0000", "Sat, 26 Jul 2014 24:00:00 +0000",
    "Sat, 26 Jul 2014 15:20:60 +0000", "Sat, 26 Jul 2014 15:20:11+0000", "Sat, 26 Jul 2014 15:20:11 +2400",
    "Sat, 26 Jul 2014 15:20:11 EST", "Sat, 26 Jul 2014 15:20:11 +0000\n", "Sat, 26 Jul 14 15:20:11 +0000",
    "Sat, 29 Feb 2023 15:20:11 +0000", "Sat, 0 Jul 2014 15:20:11 +0000", "Sat, ٢٦ Jul 2014 15:20:11 +0000",
    "Sat, 26 Jul 99999999999999999999 15:20:11 +0000", "Sat, 26 Jul 2014 15:20:11 ", "a b c d e f",
  ])
  func `dates that it does not read`(date: String) {
    #expect(FeedDate.seconds(date) == nil)
  }
}
