import MartletProtobuf

/// The fields of a message, with errors that say which request they spoil.
struct WireReader {
    typealias Field = ProtobufReader.Field

    private var reader: ProtobufReader

    /// Reads all of some bytes.
    init(_ bytes: [UInt8]) {
        reader = ProtobufReader(bytes)
    }

    private init(_ reader: ProtobufReader) {
        self.reader = reader
    }

    /// A reader of a message inside.
    func message(_ field: Field) throws(RemoteWriteError) -> WireReader {
        do { return WireReader(try reader.message(field)) } catch { throw RemoteWriteError(error) }
    }

    /// A text inside; `nil` where it is not UTF-8.
    func text(_ field: Field) throws(RemoteWriteError) -> String? {
        do { return try reader.text(field) } catch { throw RemoteWriteError(error) }
    }

    /// A double inside.
    func double(_ field: Field) throws(RemoteWriteError) -> Double {
        do { return try reader.double(field) } catch { throw RemoteWriteError(error) }
    }

    /// A whole number inside.
    func integer(_ field: Field) throws(RemoteWriteError) -> Int64 {
        do { return try reader.integer(field) } catch { throw RemoteWriteError(error) }
    }

    /// The next field, `nil` at the end of the message.
    mutating func next() throws(RemoteWriteError) -> Field? {
        do { return try reader.next() } catch { throw RemoteWriteError(error) }
    }
}
