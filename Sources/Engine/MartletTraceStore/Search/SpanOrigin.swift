import MartletCore
import MartletEvents
import MartletFiles
import MartletOTLP

/// Where spans come from: the service, what else is known of it, and the library that made them.
struct SpanOrigin {
    var service: String
    var attributes: [Attribute] = []
    var scope = ""

    /// Reads the heads that are stored of a resource and a scope; what makes no sense is left out.
    init(service: String, _ head: [UInt8]) {
        self.service = service
        var at = 0
        guard let size = head.span.varint(&at), size <= UInt64(head.count - at) else { return }
        var resource = Array(head[at..<(at + Int(size))])
        SpanMessage.append(2, Array(head[(at + Int(size))...]), to: &resource)
        var message: [UInt8] = []
        SpanMessage.append(1, resource, to: &message)
        guard let found = (try? TracesRequest(decoding: message))?.resourceSpans.first else { return }
        attributes = found.resource.attributes
        scope = found.scopeSpans.first?.scope.name ?? ""
    }
}
