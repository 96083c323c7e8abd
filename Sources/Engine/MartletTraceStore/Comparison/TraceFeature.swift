public import MartletCore
import MartletEvents
import MartletOTLP

/// Something that can be said of a trace: that one of its spans has an attribute with a value.
public struct TraceFeature: Hashable, Sendable {
    /// The attribute's key; `service`, `operation` and `status` for what every span has.
    public var key: String

    /// Its value as text.
    public var value: String

    /// Creates a feature.
    public init(_ key: String, _ value: String) {
        self.key = key
        self.value = value
    }
}

extension TraceStore {
    /// Longer values tell nothing apart that people would want to read; in bytes.
    private static let featureBytesMax = 200

    /// What can be said of a trace.
    ///
    /// - Parameter id: The trace.
    /// - Returns: What its spans and their resources have, each once; empty where the trace is not here.
    /// - Throws: `EventError` `damaged`, `OTLPError` where what is stored cannot be read.
    public func features(of id: TraceID) throws -> Set<TraceFeature> {
        guard let message = try trace(id) else { return [] }
        let request = try TracesRequest(decoding: message)
        var features: Set<TraceFeature> = []
        func add(_ attributes: [Attribute]) {
            for attribute in attributes {
                switch attribute.value {
                case .bytes, .array, .map, .empty: continue
                case .string, .bool, .int, .double: break
                }
                let text = attribute.value.text
                guard text.utf8.count <= Self.featureBytesMax else { continue }
                features.insert(TraceFeature(attribute.key == "service.name" ? "service" : attribute.key, text))
            }
        }
        for resource in request.resourceSpans {
            add(resource.resource.attributes)
            for span in resource.scopeSpans.flatMap(\.spans) {
                add(span.attributes)
                features.insert(TraceFeature("operation", span.name))
                if span.status.code == .error { features.insert(TraceFeature("status", "error")) }
            }
        }
        return features
    }
}
