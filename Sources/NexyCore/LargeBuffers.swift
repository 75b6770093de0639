#if canImport(Glibc)
import Glibc
#endif

/// What the process does with memory that it no longer needs.
package enum LargeBuffers {
  /// Gives buffers of a mebibyte and more back to the system at once.
  ///
  /// glibc raises its threshold for such buffers to 32 MiB once one was freed (mallopt(3)): the screenshots of one busy
  /// hour would then stay in the heap for good. It also gives every thread a heap of its own, up to eight for each
  /// core, and what one of them frees serves no other: two are as fast here (`nexy bench turn`) and stay smaller.
  /// Swift's Glibc module has no `mallopt`, so it is looked up by its name.
  package static func areGivenBack() {
    #if canImport(Glibc)
    guard let symbol = dlsym(nil, "mallopt") else { return }
    let mallopt = unsafeBitCast(symbol, to: (@convention(c) (Int32, Int32) -> Int32).self)
    let (trimThreshold, mmapThreshold, arenas): (Int32, Int32, Int32) = (-1, -3, -8)
    _ = mallopt(mmapThreshold, 1 << 20)
    _ = mallopt(trimThreshold, 8 << 20)
    _ = mallopt(arenas, 2)
    #endif
  }
}
