public import MartletCompression
public import MartletRemoteWrite
public import MartletSeries
import Synchronization

/// Takes remote-write bodies apart and hands them to the store, from bytes to columns without a text a series.
///
/// The good samples of a body are kept when others are refused.
public final class RemoteWriteReceiver: Sendable {
    /// How a receiver works.
    public struct Settings: Hashable, Sendable {
        /// The largest body to accept, in bytes after decompression.
        public var bodyBytesMax: Int

        /// What a body may hold at most.
        public var limits: WriteLimits

        /// Whether a series that says when it began gets a zero at that time.
        public var ingestsCreatedTimestamps: Bool

        /// Creates settings.
        public init(
            bodyBytesMax: Int = 64 << 20,
            limits: WriteLimits = WriteLimits(),
            ingestsCreatedTimestamps: Bool = false
        ) {
            self.bodyBytesMax = bodyBytesMax
            self.limits = limits
            self.ingestsCreatedTimestamps = ingestsCreatedTimestamps
        }
    }

    /// Why a body was not taken at all.
    public enum Failure: Error, CustomStringConvertible {
        /// It cannot be decompressed.
        case compression(CompressionError)
        /// It is no request.
        case format(RemoteWriteError)
        /// The store takes nothing at the moment.
        case store(SeriesError)

        /// The reason, for the sender.
        public var description: String {
            switch self {
            case .compression(let error): "cannot decompress the body: \(error)"
            case .format(let error): error.description
            case .store(let error): error.description
            }
        }
    }

    /// How many sets of buffers are kept between bodies.
    private static let workspacesMax = 8

    /// A workspace with larger buffers is let go.
    private static let workspaceBytesMax = 16 << 20

    private let sink: any IngestSink
    private let settings: Settings
    private let workspaces = Mutex<[WriteWorkspace]>([])

    /// Creates a receiver that writes to a store.
    public init(sink: any IngestSink, settings: Settings = Settings()) {
        self.sink = sink
        self.settings = settings
    }

    /// Takes one body.
    ///
    /// - Parameters:
    ///   - body: The body as sent: a snappy block.
    ///   - version: The version of the protocol that the request names.
    ///   - origin: Who sends, for limits.
    /// - Returns: What was taken and what was refused.
    /// - Throws: ``Failure`` where nothing was taken.
    /// - Complexity: O(*n*) in the number of bytes; buffers are kept from body to body.
    public func receive(
        _ body: [UInt8],
        version: WriteRequest.Version,
        origin: String
    ) throws(Failure) -> RemoteWriteOutcome {
        var workspace = workspaces.withLock { $0.popLast() } ?? WriteWorkspace()
        defer { give(back: &workspace) }
        let count: Int
        do {
            count = try Snappy.decompress(body, into: &workspace.body, limit: settings.bodyBytesMax)
        } catch {
            throw .compression(error)
        }
        let bytes = workspace.body
        // One owner at a time: a second one would make the first change copy the buffers.
        var intake = WriteIntake(workspace: workspace.take(), createsZeros: settings.ingestsCreatedTimestamps)
        defer { workspace = intake.workspace.take() }
        var scanner = WriteScanner(limits: settings.limits)
        do {
            switch version {
            case .version1: try scanner.scan(version1: bytes.span.extracting(0..<count), &intake)
            case .version2: try scanner.scan(version2: bytes.span.extracting(0..<count), &intake)
            }
        } catch {
            throw .format(error)
        }
        do {
            return try store(&intake, bytes, version, WriteSession(origin: origin))
        } catch {
            throw .store(error)
        }
    }

    private func store(
        _ intake: inout WriteIntake,
        _ bytes: [UInt8],
        _ version: WriteRequest.Version,
        _ session: WriteSession
    ) throws(SeriesError) -> RemoteWriteOutcome {
        var session = session
        let labels = version == .version1 ? bytes : intake.workspace.labels
        if intake.workspace.zeros.count > 0 {
            // What the series has at its beginning already, or what is too old, is no fault of this body.
            try sink.append(intake.workspace.zeros, labels: labels.span, session: &session)
        }
        let result = try sink.append(intake.workspace.batch, labels: labels.span, session: &session)
        intake.refusals.add(result, of: intake.workspace.batch, labels: labels.span)
        if !intake.metadata.isEmpty { sink.note(metadata: intake.metadata) }
        let exemplars = intake.seriesExemplars(labels.span)
        if !exemplars.isEmpty { sink.append(exemplars: exemplars) }
        var outcome = RemoteWriteOutcome()
        let histograms = intake.workspace.batch.histograms
        let refusedHistograms = result.rejections.count { histograms[$0.index] != nil }
        outcome.histograms = histograms.count - refusedHistograms
        outcome.samples = result.appended - outcome.histograms
        outcome.exemplars = exemplars.reduce(0) { $0 + $1.exemplars.count }
        outcome.refused = intake.refusals.count
        outcome.firstRefusal = intake.refusals.first
        return outcome
    }

    private func give(back workspace: inout WriteWorkspace) {
        workspace.reset()
        guard workspace.byteCount <= Self.workspaceBytesMax else { return }
        let kept = workspace
        workspaces.withLock { if $0.count < Self.workspacesMax { $0.append(kept) } }
    }
}
