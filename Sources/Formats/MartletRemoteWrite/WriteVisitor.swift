/// Is told what a remote-write request holds while it is read.
///
/// Every range lies in the bytes that are read. What is said after ``series(labels:)`` or ``series(references:)``
/// belongs to that series.
public protocol WriteVisitor {
    /// A series of a 1.0 request begins; the range holds its label fields.
    mutating func series(labels: Range<Int>) throws(RemoteWriteError)

    /// A sample of the series.
    mutating func sample(timestamp: Int64, value: Double)

    /// A native histogram of the series; the range holds the message, for ``WriteHistogram``.
    mutating func histogram(_ message: Range<Int>) throws(RemoteWriteError)

    /// An exemplar of the series; the range holds the message, for ``WriteExemplar``.
    mutating func exemplar(_ message: Range<Int>) throws(RemoteWriteError)

    /// What the metric says of itself; the range holds the message, for ``WriteRequest/Metadata``.
    mutating func metadata(_ message: Range<Int>) throws(RemoteWriteError)

    /// A 2.0 request has these texts; they are told once, before everything else.
    mutating func symbols(_ ranges: [Range<Int>])

    /// A series of a 2.0 request begins; the references are places in the table of texts, names and values in turn,
    /// and each is known to be in the table.
    mutating func series(references: [Int], created: Int64) throws(RemoteWriteError)
}
