import CMartletSpans
public import MartletCore

extension Span {
    /// Notes that something happened.
    ///
    /// - Parameters:
    ///   - name: What happened.
    ///   - attributes: The particulars.
    ///   - time: When, in nanoseconds since the epoch, where that is not now.
    public mutating func addEvent(_ name: String, _ attributes: [Attribute] = [], at time: UInt64? = nil) {
        guard isRecording else { return }
        let extras = unsafe SpanExtras.of(&raw)
        guard extras.events.count < extras.limits.events else {
            extras.droppedEvents += 1
            return
        }
        let kept = attributes.prefix(extras.limits.attributesPerEvent)
        extras.events.append(
            SpanEvent(
                time: time ?? martlet_span_wall(martlet_span_ticks()),
                name: name,
                attributes: Array(kept),
                droppedAttributes: UInt32(attributes.count - kept.count)
            )
        )
    }

    /// Notes a span that this one has to do with.
    ///
    /// - Parameters:
    ///   - context: The other span.
    ///   - attributes: How the two belong together.
    ///   - traceState: The trace state that came with the other.
    public mutating func addLink(_ context: SpanContext, _ attributes: [Attribute] = [], traceState: String = "") {
        guard isRecording else { return }
        let extras = unsafe SpanExtras.of(&raw)
        guard extras.links.count < extras.limits.links else {
            extras.droppedLinks += 1
            return
        }
        let kept = attributes.prefix(extras.limits.attributesPerLink)
        extras.links.append(
            SpanLink(
                traceID: context.traceID,
                spanID: context.spanID,
                traceState: traceState,
                flags: context.flags & 0xff | 0x100 | (context.isRemote ? 0x200 : 0),
                attributes: Array(kept),
                droppedAttributes: UInt32(attributes.count - kept.count)
            )
        )
    }

    /// Notes how the work ended.
    ///
    /// That it went well is the last word; a failure is overtaken by nothing but that.
    public mutating func setStatus(_ status: SpanStatus) {
        guard isRecording, unsafe raw.status != SpanStatus.Code.ok.rawValue, status.code != .unset else { return }
        unsafe raw.status = status.code.rawValue
        let message = status.code == .error ? status.message : ""
        if unsafe !message.isEmpty || raw.extras != nil { unsafe SpanExtras.of(&raw).message = message }
    }

    /// Notes an error that was thrown: an event `exception` with its type, its message and, where it has one, its stack;
    /// the status becomes an error.
    ///
    /// - Parameters:
    ///   - error: The error; one that is ``StackTraced`` tells its stack itself.
    ///   - stack: Where it was thrown, where that is known.
    ///   - attributes: More particulars.
    public mutating func recordError(_ error: any Error, stack: String? = nil, _ attributes: [Attribute] = []) {
        guard isRecording else { return }
        let message = "\(error)"
        var all = [
            Attribute("exception.type", String(reflecting: type(of: error))), Attribute("exception.message", message),
        ]
        if let stack = stack ?? (error as? any StackTraced)?.stackTrace {
            all.append(Attribute("exception.stacktrace", stack))
        }
        addEvent("exception", all + attributes)
        setStatus(.error(message))
    }

    /// Gives the span another name, which costs an allocation.
    public mutating func rename(_ name: String) {
        guard isRecording else { return }
        unsafe SpanExtras.of(&raw).name = name
    }

    /// Notes the error that ends the span; a cancelled task has not failed.
    @usableFromInline
    @inline(never)
    mutating func fail(_ error: any Error) {
        guard isRecording else { return }
        if error is CancellationError {
            addEvent("cancelled")
        } else {
            recordError(error)
        }
    }
}
