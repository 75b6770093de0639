import NexyCore
import Testing

@Suite("A device is named by its hardware_id")
struct DeviceIDTests {
  @Test(
    "any text that says something names a device",
    arguments: ["a1b2c3", "C02XK0AAJGH5", "unknown-2", "not unknown", "Мак Анны", "0", "nil", "null"])
  func accepted(text: String) { #expect(DeviceID(text)?.text == text) }

  @Test("an empty or blank text names none", arguments: ["", " ", "   ", "\t", "\n", "\r\n", "\u{A0}", "\u{3000}"])
  func blank(text: String) { #expect(DeviceID(text) == nil) }

  @Test(
    "\"unknown\" names none in any case",
    arguments: ["unknown", "Unknown", "UNKNOWN", "uNkNoWn", " unknown ", "unknown\n"])
  func unknown(text: String) { #expect(DeviceID(text) == nil) }

  @Test("a text of 1,024 bytes names a device, a longer one none")
  func length() {
    #expect(DeviceID(String(repeating: "ж", count: 512)) != nil)
    #expect(DeviceID(String(repeating: "ж", count: 512) + "x") == nil)
  }

  @Test("two devices are one when their texts are equal")
  func equality() {
    #expect(DeviceID("mac-1") == DeviceID("mac-1"))
    #expect(DeviceID("mac-1") != DeviceID("MAC-1"))
  }

  @Test("a device reads as the client wrote it")
  func description() { #expect(DeviceID("mac-1").map { "\($0)" } == "mac-1") }
}
