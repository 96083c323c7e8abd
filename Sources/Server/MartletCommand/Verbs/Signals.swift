import Dispatch
import Synchronization
#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// The signals of the system, as a sequence.
final class Signals: Sendable {
    /// The signals as they come; the oldest are dropped where nobody looks for long.
    let stream: AsyncStream<Int32>

    private let sources = Mutex<[any DispatchSourceSignal]>([])

    /// Takes over some signals: from now on they no longer end the program but appear in the sequence.
    init(_ numbers: Int32...) {
        let (stream, continuation) = AsyncStream.makeStream(of: Int32.self, bufferingPolicy: .bufferingNewest(16))
        self.stream = stream
        for number in numbers {
            signal(number, SIG_IGN)
            sources.withLock { sources in
                let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
                source.setEventHandler { continuation.yield(number) }
                source.resume()
                sources.append(source)
            }
        }
    }
}
