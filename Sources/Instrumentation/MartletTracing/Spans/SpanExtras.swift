import CMartletSpans
import MartletCore

// Safety: made by the span's owner, who hands it to the drain when the span ends; never used by two at once.

/// What a span holds that does not fit into it: many attributes, long texts, events, links.
@safe
@usableFromInline
final class SpanExtras {
    let limits: SpanLimits
    var attributes: [Attribute] = []
    var events: [SpanEvent] = []
    var links: [SpanLink] = []
    var droppedEvents: UInt32 = 0
    var droppedLinks: UInt32 = 0
    var traceState = ""
    var name: String?
    var message: String?
    /// When the span began and ended, in nanoseconds since the epoch, where somebody said so; 0 otherwise.
    var start: UInt64 = 0
    var end: UInt64 = 0

    init(limits: SpanLimits) {
        self.limits = limits
    }

    /// The extras of a span that is recorded, made where there are none.
    static func of(_ span: inout martlet_span) -> SpanExtras {
        if let extras = unsafe span.extras {
            return unsafe Unmanaged<SpanExtras>.fromOpaque(extras).takeUnretainedValue()
        }
        let limits = unsafe span.tracer.flatMap { unsafe TracerTable.shared.limits(of: $0.pointee.id) } ?? SpanLimits()
        let extras = SpanExtras(limits: limits)
        unsafe span.extras = unsafe Unmanaged.passRetained(extras).toOpaque()
        return extras
    }
}
