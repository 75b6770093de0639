import Foundation
import NIOSSL

/// A certificate that nobody trusts, for `localhost`, and its key; both are for tests alone.
enum TestCertificate {
  static func serverContext() throws -> NIOSSLContext {
    let certificate = try NIOSSLCertificate(bytes: bytes(of: certificateText), format: .der)
    let key = try NIOSSLPrivateKey(bytes: bytes(of: keyText), format: .der)
    return try NIOSSLContext(
      configuration: .makeServerConfiguration(
        certificateChain: [.certificate(certificate)], privateKey: .privateKey(key)))
  }

  private static func bytes(of base64: String) -> [UInt8] {
    Array(Data(base64Encoded: base64, options: .ignoreUnknownCharacters) ?? Data())
  }

  private static let keyText = """
    MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgGvYQ7oFRWkJQSpYd
    AUA2jKT6xWL9axVJOPITDTXATcmhRANCAARp5A6CWyudKs6pFBjZq4ZFpMSOSLpY
    c0Ab7cl0Ejm87rrUOmeLdU98h2Fmn/IDvPR3T+DYV5W9qhxVcKaiuuw6
    """

  private static let certificateText = """
    MIIBmjCCAUGgAwIBAgIUBk1iE55ztun9gVbSfA/zhxKdNCAwCgYIKoZIzj0EAwIw
    FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyMTExMTMzMFoYDzIxMjYxMDI4
    MTExMzMwWjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
    PQMBBwNCAARp5A6CWyudKs6pFBjZq4ZFpMSOSLpYc0Ab7cl0Ejm87rrUOmeLdU98
    h2Fmn/IDvPR3T+DYV5W9qhxVcKaiuuw6o28wbTAdBgNVHQ4EFgQUJThIxh9kyo0W
    uWnN2/nWnH3i4GswHwYDVR0jBBgwFoAUJThIxh9kyo0WuWnN2/nWnH3i4GswDwYD
    VR0TAQH/BAUwAwEB/zAaBgNVHREEEzARhwR/AAABgglsb2NhbGhvc3QwCgYIKoZI
    zj0EAwIDRwAwRAIgJLtMas88GsNGYPNY2k1nWxC+3sSKoBWpo8CkV7e30x4CIGGp
    0RT6lTanqi0o1A+D5347+2aPl3nKYQeGxeurFrTW
    """
}
