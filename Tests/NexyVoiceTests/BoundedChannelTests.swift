import NexyTestSupport
import Testing

@testable import NexyVoice

@Suite struct BoundedChannelTests {
  private struct Broken: Error, Equatable {}

  @Test func `what is sent first comes out first, also after the end`() async throws {
    let channel = BoundedChannel<Int>(limit: .max)
    for number in 1...3 { channel.push(number) }
    channel.finish()
    var received: [Int] = []
    while let number = try await channel.next() { received.append(number) }
    #expect(received == [1, 2, 3])
  }

  @Test func `an error comes after what was sent before it`() async throws {
    let channel = BoundedChannel<Int>(limit: .max)
    channel.push(1)
    channel.finish(throwing: Broken())
    #expect(try await channel.next() == 1)
    await #expect(throws: Broken.self) { try await channel.next() }
  }

  @Test func `a full channel makes its sender wait until something was taken`() async throws {
    let channel = BoundedChannel<Int>(limit: 2)
    let sent = Counter()
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask {
        for number in 1...100 {
          try await channel.send(number)
          sent.add()
        }
        channel.finish()
      }
      var received = 0
      while let number = try await channel.next() {
        received += 1
        #expect(number == received)
        // Two may wait in the channel, and one more send may have returned when this one was taken.
        #expect(sent.value <= received + 2)
      }
      #expect(received == 100)
    }
  }

  @Test func `weights count against the limit`() async throws {
    let channel = BoundedChannel<String>(limit: 10)
    channel.push("heavy", weight: 9)
    try await channel.waitForRoom()
    channel.push("more", weight: 1)
    let waiter = Task { try await channel.waitForRoom() }
    #expect(try await channel.next() == "heavy")
    try await waiter.value
  }

  @Test func `a receiver gives up when its task is cancelled`() async {
    let channel = BoundedChannel<Int>(limit: 1)
    let task = Task { try await channel.next() }
    task.cancel()
    await #expect(throws: CancellationError.self) { try await task.value }
  }

  @Test func `a sender gives up when its task is cancelled`() async {
    let channel = BoundedChannel<Int>(limit: 1)
    channel.push(1)
    let task = Task { try await channel.waitForRoom() }
    task.cancel()
    await #expect(throws: CancellationError.self) { try await task.value }
  }

  @Test func `the end frees a waiting sender`() async throws {
    let channel = BoundedChannel<Int>(limit: 1)
    channel.push(1)
    let task = Task { try await channel.waitForRoom() }
    channel.finish()
    try await task.value
  }
}
