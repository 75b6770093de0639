/// Which exchange is looked at next for facts: one of a device at a time, few at once.
struct FactQueue<Job: Sendable>: Sendable {
  private let limit: Int
  private let atOnce: Int
  private var waiting: [(device: String, job: Job)] = []
  private var busy: Set<String> = []
  private var isRefusing = false

  /// What became of a job that was added.
  enum Admission { case taken, refused, refusedAgain }

  /// - Parameters:
  ///   - limit: Jobs that may wait.
  ///   - atOnce: Jobs that may be worked on.
  init(limit: Int, atOnce: Int) {
    self.limit = limit
    self.atOnce = atOnce
  }

  /// Adds a job where there is room for it.
  mutating func add(_ job: Job, device: String) -> Admission {
    guard waiting.count < limit else {
      defer { isRefusing = true }
      return isRefusing ? .refusedAgain : .refused
    }
    isRefusing = false
    waiting.append((device, job))
    return .taken
  }

  /// The oldest job of a device that has none in work; nil when there is none or enough are in work.
  mutating func next() -> Job? {
    guard busy.count < atOnce, let index = waiting.firstIndex(where: { !busy.contains($0.device) }) else { return nil }
    let (device, job) = waiting.remove(at: index)
    busy.insert(device)
    return job
  }

  /// The device's job is done.
  mutating func end(device: String) { busy.remove(device) }
}
