public import MartletConfiguration
import MartletCore
public import MartletSeries
import MartletYAML

/// Reads target files and notices when they change.
///
/// Files are looked at on every ``refresh(nowMilliseconds:)`` and read when their stamp changed or the refresh
/// interval is over. A file that cannot be read or is malformed keeps the targets it had; one that is gone loses them.
public struct FileDiscoverer: Sendable {
    /// The largest target file that is read, in bytes.
    static let fileBytesMax = 16 << 20

    private struct KnownFile: Sendable {
        var stamp: FileContent.Stamp?
        var readAtMilliseconds: Int64
        var groups: [TargetGroup]
        var error: String?
    }

    /// The files, as the configuration names them.
    public let discovery: FileDiscovery
    private let patterns: any PatternCompiler
    private var files: [String: KnownFile] = [:]

    /// Creates a discoverer that has not looked yet.
    public init(_ discovery: FileDiscovery, patterns: any PatternCompiler) {
        self.discovery = discovery
        self.patterns = patterns
    }

    /// The groups of all files, in order of their paths.
    public var groups: [TargetGroup] {
        files.sorted { $0.key < $1.key }.flatMap(\.value.groups)
    }

    /// What is wrong with files now, one text a file.
    var errors: [String] {
        files.sorted { $0.key < $1.key }.compactMap(\.value.error)
    }

    /// Looks at the files.
    ///
    /// - Parameter nowMilliseconds: The time, on any clock that only goes forward.
    /// - Returns: The errors that are new since the last look.
    public mutating func refresh(nowMilliseconds: Int64) -> [String] {
        var news: [String] = []
        let paths = Set(discovery.patterns.flatMap { FileContent.paths(matching: $0) })
        for path in files.keys where !paths.contains(path) { files[path] = nil }
        for path in paths {
            let stamp = FileContent.stamp(of: path)
            if let known = files[path], known.stamp == stamp,
                nowMilliseconds - known.readAtMilliseconds < discovery.refreshInterval.wholeMilliseconds
            {
                continue
            }
            let before = files[path]
            var file = KnownFile(stamp: stamp, readAtMilliseconds: nowMilliseconds, groups: before?.groups ?? [])
            do {
                file.groups = try read(path)
            } catch {
                file.error = error.description
                if before?.error != file.error { news.append(error.description) }
            }
            files[path] = file
        }
        return news
    }

    private func read(_ path: String) throws(TargetFileError) -> [TargetGroup] {
        let root: YAMLNode
        do {
            root = try YAMLParser.parse(try FileContent.text(of: path, bytesMax: Self.fileBytesMax))
        } catch let error as FileError {
            throw TargetFileError(description: error.description)
        } catch {
            throw TargetFileError(description: "\(path):\(error)")
        }
        let context = ReadingContext(
            file: path,
            environment: nil,
            patterns: patterns,
            problems: ProblemCollector()
        )
        let groups: [TargetGroup] = context.list(root) { node in
            guard let reader = MappingReader(node, context) else { return nil }
            defer { reader.finish() }
            var group = TargetGroup(reading: reader)
            group.labels = group.labels.setting("__meta_filepath", to: path)
            return group
        }
        if let problem = context.problems.problems.first(where: { !$0.isWarning }) {
            throw TargetFileError(description: problem.description)
        }
        return groups
    }
}

/// Why a target file was not taken.
struct TargetFileError: Error, CustomStringConvertible {
    let description: String
}
