import Testing

/// Lines that hold a secret, and lines that only look as if; every secret here was made up for this table.
enum RedactionExamples {
  struct Line: Sendable, CustomTestStringConvertible {
    let before: String
    let secret: String
    let after: String

    init(_ before: String, _ secret: String, _ after: String = "") {
      (self.before, self.secret, self.after) = (before, secret, after)
    }

    var text: String { before + secret + after }
    var testDescription: String { text }
  }

  /// What the predecessor masked.
  static let known = [
    Line("api key: ", "a1b2c3d4e5"),
    Line("api key ", "a1b2c3d4e5"),
    Line("api_key=", "abcdefghij0123456789"),
    Line("API-KEY = ", "abcdefghij0123456789", " was refused"),
    Line("{\"api_key\": \"", "abcdefghij0123456789", "\", \"n\": 1}"),
    Line("token=", "abcdefghij0123456789"),
    Line("the token ", "abcdefghij0123456789", " has expired"),
    Line("token ", "AbCdEfGhIjKlMnOpQrStUvWx"),
    Line("password=", "x"),
    Line("Password: ", "hunter2", ", user: anna"),
    Line("{\"password\":\"", "hunter2", "\"}"),
    Line("secret=", "s3"),
    Line("GEMINI_API_KEY=", "abc"),
    Line("AZURE_SPEECH_KEY: ", "0123456789abcdef"),
    Line("GITHUB_TOKEN=", "abc123"),
    Line("Bearer ", "abcdefghij"),
    Line("bearer ", "eyJhbGciOi.eyJzdWIi.c2lnbmF0", " sent"),
    Line("key sk_live_", "0123456789"),
    Line("sk_test_", "abcdefghijKLMNOP", "."),
  ]

  /// What the predecessor missed.
  static let missed = [
    Line("", "whsec_0123456789abcdef"),
    Line("hook (", "whsec_abcDEF0123456789", ") refused"),
    Line("", "rk_live_0123456789"),
    Line("", "rk_test_0123456789"),
    Line("", "AIzaSyA0123456789abcdefghijklmnopqrstuv"),
    Line("GET /v1?key=", "AIzaSyA0123456789abcdefghijklmnopqrstuv", "&alt=sse"),
    Line("{'secret': '", "abc", "'}"),
    Line("{\"token\": \"", "abc", "\"}"),
    Line("X-Goog-Api-Key: ", "short1"),
    Line("x-goog-api-key=", "AIzaSyA0123456789abcdefghijklmnopqrstuv"),
    Line("password='", "hunter2", "' for anna"),
    Line("api_key='", "abc", "'"),
    Line("{\\\"password\\\": \\\"", "hunter2", "\\\"}"),
  ]

  /// A value that a mask must cover to its end.
  static let whole = [
    Line("password=\"", "correct horse battery", "\" for anna"),
    Line("password='", "correct horse battery", "' for anna"),
    Line("{\"password\": \"", "a,b}c", "\"}"),
    Line("Authorization: Basic ", "YW5uYTpodW50ZXIy"),
    Line("Authorization: Bearer ", "abc.def"),
    Line("Bearer ", "abcdefghijk+lmnop/qrst~uv=="),
  ]

  /// Credentials in addresses: what is before, the password, what is after.
  static let addresses = [
    Line("postgres://nexy:", "hunter2", "@db.example.com:5432/nexy"),
    Line("could not connect to postgresql://nexy:", "p%40ss", "@localhost/nexy?sslmode=require"),
    Line("redis://:", "hunter2", "@cache.example.com"),
    Line("\"https://anna:", "hunter2", "@example.com/a\" failed"),
    Line("mysql://anna:", "a@b", "@db.example.com/nexy"),
  ]

  /// What is no secret.
  static let plain = [
    "",
    "Hello, world.",
    "Привет! Который час? 🎉",
    "Settings are good: 27 keys, environment prod.",
    "The key to a good answer is a short question.",
    "The secret of good tea is water that just boiled.",
    "I forgot my password and the token is no longer valid",
    "a bearer of good news; the token bearer walked away",
    "\"tokens\": 12",
    "{\"input_tokens\": 1203, \"output_tokens\": 87}",
    "tokens=12 max_tokens: 2048",
    "f47ac10b-58cc-4372-a567-0e02b2c3d479",
    "session_id=f47ac10b-58cc-4372-a567-0e02b2c3d479 hardware_id=c02xk0aajgh5",
    "https://example.com/path?page=2#top",
    "http://127.0.0.1:8080/status",
    "https://example.com:8443/users/@anna",
    "https://example.com:8443?mail=anna@example.com",
    "https://anna@example.com/path",
    "Write to anna@example.com: she knows.",
    "task-list, risk-free, a keyboard, a monkey",
    "sk-8 is a road, AIza is short, whsec_ is a prefix",
    "ts=2026-01-02T03:04:05.678+00:00 level=INFO scope=grpc method=StreamAudio decision=complete dur_ms=12 msg=done",
  ]

  static let secretNames = [
    "api_key", "api-key", "apikey", "API_KEY", "X-Goog-Api-Key", "GEMINI_API_KEY", "AZURE_SPEECH_KEY",
    "STRIPE_LIVE_SECRET_KEY", "STRIPE_TEST_WEBHOOK_SECRET", "token", "access_token", "GITHUB_TOKEN", "password",
    "DB_PASSWORD", "database.password", "secret", "client_secret", "Authorization",
  ]

  /// The predecessor masked a name that held one of its words anywhere.
  static let longerSecretNames = ["api_key_2", "secret_value", "password_hash", "token_value", "old_api_key_fallback"]

  static let plainNames = [
    "", "key", "keyboard", "hardware_id", "session_id", "tokens", "input_tokens", "output_tokens", "error_code",
    "prompt_bytes", "grpc.port",
  ]
}
