import NexyVoice

/// Takes mono 16-bit samples out of the bytes of an answer, cut anywhere.
///
/// Engines are asked for bare samples, yet some send a WAV file (LocalAI, https://github.com/mudler/LocalAI) or another
/// rate (openedai-speech): a header is read and left out, another rate is changed to the engine's.
struct PCMStream {
  private enum Place { case beginning, header, sound }

  /// Seconds of the longest answer to one text; Azure's own limit is ten minutes.
  static let longest = 20 * 60
  /// The rates that engines use; another is no rate but a broken header.
  private static let rates: Set<Int> = [8000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000]
  /// How answers begin that are no samples, whatever their label says: MP3, Ogg and FLAC files, JSON, HTML, XML.
  private static let others = ["ID3", "OggS", "fLaC", "{\"", "<!", "<htm", "<?xm"].map { Array($0.utf8) }
  /// Bytes that tell a WAV file and all of these from samples.
  private static let tellingBytes = 4

  /// Samples a second that come out.
  private let rate: Int
  private let vendor: Upstream.Vendor
  private var place = Place.beginning
  /// What came before the first sample, while it is not known what it is.
  private var pending: [UInt8] = []
  private var joiner = SampleJoiner()
  private var resampler: Resampler?
  /// Bytes of samples that may still come.
  private var room = 0
  /// A header told how many samples there are; what follows them is no sound.
  private var hasLength = false
  private var isEmpty = true

  /// - Parameters:
  ///   - rate: Samples a second to give.
  ///   - contentType: What the answer says it is; empty if nothing.
  init(rate: Int, contentType: String, vendor: Upstream.Vendor) throws(ProviderFault) {
    self.rate = rate
    self.vendor = vendor
    let form: SoundForm
    do { form = try SoundForm(contentType: contentType) } catch { throw malformed(error.detail) }
    try accept(rate: form.rate ?? rate)
  }

  /// Takes the next bytes and returns the samples that are now whole.
  mutating func take(_ bytes: UnsafeRawBufferPointer) throws(ProviderFault) -> [Int16] {
    if place == .sound { return sound(bytes, count: try admit(bytes.count)) }
    pending += bytes
    return try begin(isOver: false)
  }

  /// The answer is over: returns the samples that were held back.
  ///
  /// - Throws: `.empty` where there was no sound, `.cutOff` where not even one sample was whole. Half a sample behind
  ///   others is dropped, as nobody can hear it.
  mutating func finish() throws(ProviderFault) -> [Int16] {
    let samples = place == .sound ? [] : try begin(isOver: true)
    guard isEmpty else { return samples + (resampler?.finish() ?? []) }
    guard pending.isEmpty, joiner.half == nil else {
      throw ProviderFault(.cutOff, "\(vendor.name) ended its answer before the first sample: try again.")
    }
    throw ProviderFault(.empty, "\(vendor.name) answered without any sound: check \(vendor.modelSetting).")
  }

  private mutating func begin(isOver: Bool) throws(ProviderFault) -> [Int16] {
    if place == .beginning {
      guard pending.count >= Self.tellingBytes || isOver else { return [] }
      guard !Self.others.contains(where: pending.starts) else { throw malformed("a file of another kind") }
      place = pending.starts(with: "RIFF".utf8) ? .header : .sound
    }
    if place == .header {
      guard let header = try header() else { return [] }
      try accept(rate: header.rate)
      if let length = header.length, length <= room { (room, hasLength) = (length, true) }
      pending.removeFirst(header.start)
      place = .sound
    }
    let count = try admit(pending.count)
    let bytes = pending
    pending = []
    return bytes.withUnsafeBytes { sound($0, count: count) }
  }

  private func header() throws(ProviderFault) -> WAVHeader? {
    do { return try WAVHeader.read(pending) } catch { throw malformed(error.detail) }
  }

  private mutating func accept(rate source: Int) throws(ProviderFault) {
    guard Self.rates.contains(source) else { throw malformed("\(source) samples a second") }
    resampler = source == rate ? nil : Resampler(from: source, to: rate)
    room = Self.longest * source * MemoryLayout<Int16>.size
  }

  /// How many of the next bytes are sound.
  private mutating func admit(_ count: Int) throws(ProviderFault) -> Int {
    guard count <= room || hasLength else { throw malformed("more than \(Self.longest / 60) minutes of it") }
    let count = min(count, room)
    room -= count
    return count
  }

  private mutating func sound(_ bytes: UnsafeRawBufferPointer, count: Int) -> [Int16] {
    let samples = joiner.take(UnsafeRawBufferPointer(rebasing: bytes.prefix(count)))
    if !samples.isEmpty { isEmpty = false }
    return resampler?.process(samples) ?? samples
  }

  private func malformed(_ detail: String) -> ProviderFault {
    ProviderFault(
      .malformed, "\(vendor.name) sent no sound that can be played (\(detail)): check \(vendor.addressSetting).")
  }
}
