import MartletCore

/// How far clocks of hosts seem to differ within a trace, for showing spans where they make sense.
///
/// A call that seems to lie outside of what called it, in another service, is moved into its middle, with all that
/// service did below it. What is stored stays as it was sent, and so does the critical path.
public enum ClockSkew {
    /// What has to be added to each span's times.
    ///
    /// - Parameter spans: The spans of one trace, in any order.
    /// - Returns: Nanoseconds by the place of the span; 0 where nothing seems wrong.
    public static func offsets(_ spans: [SpanBasics]) -> [Int64] {
        let tree = SpanTree(spans)
        var offsets = [Int64](repeating: 0, count: spans.count)
        var pending = tree.roots
        while let parent = pending.popLast() {
            let outer = spans[parent].start &+ offsets[parent]
            for child in tree.children[parent] {
                pending.append(child)
                let (start, room) = (spans[child].start, spans[parent].duration &- spans[child].duration)
                if spans[child].service == spans[parent].service {
                    offsets[child] = offsets[parent]
                } else if room >= 0, start < outer || start &- outer > room {
                    offsets[child] = outer &+ room / 2 &- start
                }
            }
        }
        return offsets
    }
}
