import NexyCore
import NexyVoice

/// Takes the samples out of espeak-ng's WAV stream, whose length its header cannot know, cut anywhere.
struct WAVReader {
  private let expectedRate: Int
  /// What came of the header; nil once it is whole.
  private var header: [UInt8]? = []
  private var joiner = SampleJoiner()

  init(expectedRate: Int) { self.expectedRate = expectedRate }

  /// Takes the next bytes and returns the whole samples that are known.
  mutating func samples(in bytes: UnsafeRawBufferPointer) throws(NexyError) -> [Int16] {
    guard let beginning = header else { return joiner.take(bytes) }
    let whole = beginning + bytes
    guard let start = try startOfSamples(whole) else {
      header = whole
      return []
    }
    header = nil
    return whole[start...].withUnsafeBytes { joiner.take($0) }
  }

  /// Where the samples begin; nil while the header is not whole.
  private func startOfSamples(_ bytes: [UInt8]) throws(NexyError) -> Int? {
    let header: WAVHeader?
    do { header = try WAVHeader.read(bytes) } catch { throw broken(error.detail) }
    guard let header else { return nil }
    guard header.rate == expectedRate else { throw broken("\(header.rate) Hz") }
    return header.start
  }

  private func broken(_ detail: String) -> NexyError {
    NexyError(.speechFailed, "Speech failed: espeak-ng sent audio in a form that cannot be read.", detail: detail)
  }
}
