/// What Python 3.11's `uuid.UUID(text)` makes of each text, as that program printed it.
enum SessionSpellings {
  /// One identifier of version 4 in every way Python reads it.
  static let same = [
    "f47ac10b-58cc-4372-a567-0e02b2c3d479",
    "F47AC10B-58CC-4372-A567-0E02B2C3D479",
    "f47ac10b-58CC-4372-A567-0E02B2C3D479",
    "f47ac10b58cc4372a5670e02b2c3d479",
    "F47AC10B58CC4372A5670E02B2C3D479",
    "{f47ac10b-58cc-4372-a567-0e02b2c3d479}",
    "{f47ac10b58cc4372a5670e02b2c3d479}",
    "{f47ac10b-58cc-4372-a567-0e02b2c3d479",
    "f47ac10b-58cc-4372-a567-0e02b2c3d479}",
    "{{f47ac10b-58cc-4372-a567-0e02b2c3d479}}",
    "urn:uuid:f47ac10b-58cc-4372-a567-0e02b2c3d479",
    "urn:f47ac10b-58cc-4372-a567-0e02b2c3d479",
    "uuid:f47ac10b-58cc-4372-a567-0e02b2c3d479",
    "uuid:urn:f47ac10b-58cc-4372-a567-0e02b2c3d479",
    "urn:uuid:{f47ac10b-58cc-4372-a567-0e02b2c3d479}",
    "{urn:uuid:f47ac10b-58cc-4372-a567-0e02b2c3d479}",
    "urn:uuid:F47AC10B58CC4372A5670E02B2C3D479",
    "f47a-c10b-58cc-4372-a567-0e02-b2c3-d479",
    "f47ac10b-58cc-4372-a567-0e02b2c3d479-",
    "-f47ac10b58cc4372a5670e02b2c3d479",
    "f47ac10b--58cc--4372--a567--0e02b2c3d479",
  ]

  /// Other identifiers of version 4: the four variants of RFC 4122, and the bounds.
  static let versionFour = [
    "00000000-0000-4000-8000-000000000000",
    "ffffffff-ffff-4fff-bfff-ffffffffffff",
    "f47ac10b-58cc-4372-8567-0e02b2c3d479",
    "f47ac10b-58cc-4372-9567-0e02b2c3d479",
    "f47ac10b-58cc-4372-B567-0E02B2C3D479",
  ]

  /// Read by Python, with the version it names; nil for another variant than RFC 4122's.
  static let otherVersions: [(text: String, version: Int?)] = [
    ("6ba7b810-9dad-11d1-80b4-00c04fd430c8", 1),
    ("f47ac10b-58cc-2372-a567-0e02b2c3d479", 2),
    ("d7631867-ef88-395a-87b7-affb2b728b24", 3),
    ("cfa76924-41d5-5d1e-a428-895f4148d2bb", 5),
    ("018f4a9e-7b1c-7def-8123-456789abcdef", 7),
    ("f47ac10b-58cc-4372-0567-0e02b2c3d479", nil),
    ("f47ac10b-58cc-4372-7567-0e02b2c3d479", nil),
    ("f47ac10b-58cc-4372-c567-0e02b2c3d479", nil),
    ("f47ac10b-58cc-4372-d567-0e02b2c3d479", nil),
    ("f47ac10b-58cc-4372-e567-0e02b2c3d479", nil),
    ("f47ac10b-58cc-4372-f567-0e02b2c3d479", nil),
    ("00000000-0000-0000-0000-000000000000", nil),
    ("ffffffff-ffff-ffff-ffff-ffffffffffff", nil),
  ]

  /// Refused by Python with a `ValueError`.
  static let junk = [
    "", "   ", "unknown", "session-1", "----", "{}", "urn:uuid:",
    "f47ac10b-58cc-4372-a567-0e02b2c3d47",
    "f47ac10b-58cc-4372-a567-0e02b2c3d4790",
    "g47ac10b-58cc-4372-a567-0e02b2c3d479",
    " f47ac10b-58cc-4372-a567-0e02b2c3d479",
    "f47ac10b-58cc-4372-a567-0e02b2c3d479\n",
    "URN:UUID:f47ac10b-58cc-4372-a567-0e02b2c3d479",
    "f47ac10b_58cc_4372_a567_0e02b2c3d479",
    "(f47ac10b-58cc-4372-a567-0e02b2c3d479)",
    "f47ac10b–58cc–4372–a567–0e02b2c3d479",
    "éf47ac10b-58cc-4372-a567-0e02b2c3d479",
  ]

  /// Read by Python only because its `int(text, 16)` takes prefixes, signs, underscores and foreign digits for digits:
  /// no spelling of a UUID, so refused here.
  static let numbers = [
    "0x7ac10b-58cc-4372-a567-0e02b2c3d479",
    "f_7ac10b-58cc-4372-a567-0e02b2c3d479",
    "+47ac10b-58cc-4372-a567-0e02b2c3d479",
    " 47ac10b-58cc-4372-a567-0e02b2c3d479",
    "f47ac10b58cc4372a5670e02b2c3d47９",
    "f47ac10b58cc4372a5670e02b2c3d47٩",
  ]
}
