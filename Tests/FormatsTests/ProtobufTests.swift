import MartletProtobuf
import Testing

@Suite("Protobuf")
struct ProtobufTests {
    /// Worked by hand: 1: 150, 2: "testing", 3: {1: 150}, 4: sint −2, 5: 1.5, 6: packed sint [0, −1, 1].
    private static let golden: [UInt8] = [
        0x08, 0x96, 0x01,
        0x12, 0x07, 0x74, 0x65, 0x73, 0x74, 0x69, 0x6e, 0x67,
        0x1a, 0x03, 0x08, 0x96, 0x01,
        0x20, 0x03,
        0x29, 0, 0, 0, 0, 0, 0, 0xf8, 0x3f,
        0x32, 0x03, 0x00, 0x01, 0x02,
    ]

    @Test func `writes the golden bytes`() {
        var writer = ProtobufWriter()
        writer.unsigned(1, 150)
        writer.text(2, "testing")
        writer.message(3) { $0.integer(1, 150) }
        writer.signed(4, -2)
        writer.double(5, 1.5)
        writer.packedSigned(6, [0, -1, 1])
        #expect(writer.bytes == Self.golden)
    }

    @Test func `reads the golden bytes`() throws {
        var reader = ProtobufReader(Self.golden)
        var field = try #require(try reader.next())
        #expect(try reader.integer(field) == 150)
        field = try #require(try reader.next())
        #expect(try reader.text(field) == "testing")
        field = try #require(try reader.next())
        var inner = try reader.message(field)
        let nested = try #require(try inner.next())
        #expect(try inner.unsigned(nested) == 150)
        #expect(nested.offset == 14)
        field = try #require(try reader.next())
        #expect(try reader.signed(field) == -2)
        field = try #require(try reader.next())
        #expect(try reader.double(field) == 1.5)
        field = try #require(try reader.next())
        var list: [Int64] = []
        try reader.forEachSigned(field) { list.append($0) }
        #expect(list == [0, -1, 1])
        #expect(try reader.next() == nil)
        #expect(reader.isAtEnd)
    }

    @Test func `leaves defaults out where asked, but not minus zero`() {
        var writer = ProtobufWriter()
        writer.unsigned(1, ifSet: 0)
        writer.integer(2, ifSet: 0)
        writer.double(3, ifSet: 0)
        writer.text(4, ifSet: "")
        #expect(writer.bytes == [])
        writer.double(3, ifSet: -0.0)
        #expect(writer.bytes == [0x19, 0, 0, 0, 0, 0, 0, 0, 0x80])
    }

    @Test(arguments: [0, 1, 127, 128, 16_383, 16_384, 300_000])
    func `a message of any length comes back`(length: Int) throws {
        var writer = ProtobufWriter([0xff])
        writer.delimited { $0.bytes(1, [UInt8](repeating: 7, count: length)) }
        writer.delimited { _ in }
        var reader = ProtobufReader(writer.bytes, in: 1..<writer.bytes.count)
        var message = try #require(try reader.nextDelimited())
        let field = try #require(try message.next())
        #expect(try message.range(field).count == length)
        #expect(try reader.nextDelimited()?.isAtEnd == true)
        #expect(try reader.nextDelimited() == nil)
    }

    @Test func `lists may stand unpacked too`() throws {
        var reader = ProtobufReader([0x08, 0x03, 0x11, 0, 0, 0, 0, 0, 0, 0xf8, 0x3f, 0x1a, 0x02, 0x05, 0x06])
        var signed: [Int64] = []
        var doubles: [Double] = []
        var unsigned: [UInt64] = []
        try reader.forEachSigned(#require(try reader.next())) { signed.append($0) }
        try reader.forEachDouble(#require(try reader.next())) { doubles.append($0) }
        try reader.forEachUnsigned(#require(try reader.next())) { unsigned.append($0) }
        #expect(signed == [-2])
        #expect(doubles == [1.5])
        #expect(unsigned == [5, 6])
    }

    @Test func `packed doubles come back, and a cut list is an error`() throws {
        var writer = ProtobufWriter()
        writer.packedDouble(1, [0.1, -0.0, .infinity])
        var reader = ProtobufReader(writer.bytes)
        var values: [Double] = []
        try reader.forEachDouble(#require(try reader.next())) { values.append($0) }
        #expect(values.map(\.bitPattern) == [0.1, -0.0, Double.infinity].map(\.bitPattern))
        var cut = ProtobufReader([0x0a, 0x04, 0, 0, 0, 0])
        let field = try #require(try cut.next())
        #expect(throws: ProtobufError.truncated(offset: 2)) { try cut.forEachDouble(field) { _ in } }
    }

    @Test(arguments: [Int64.min, -1, 0, 1, .max])
    func `signs are folded and unfolded`(value: Int64) throws {
        var writer = ProtobufWriter()
        writer.signed(1, value)
        var reader = ProtobufReader(writer.bytes)
        #expect(try reader.signed(#require(try reader.next())) == value)
    }

    @Test(
        arguments: [
            ([0x0a], .truncated(offset: 1), "the message ends in the middle of a number"),
            (
                [0x0a, 0x05, 0x0a], .lengthBeyondEnd(length: 5, available: 1, offset: 1),
                "a field claims 5 bytes where 1 are left"
            ),
            (
                [0x08, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02], .varintOverflow(offset: 1),
                "a number has over 64 bits"
            ),
            ([0x03], .invalidField(number: 0, offset: 0), "there is no field 0"),
            ([0x0b], .unknownWireType(3, offset: 0), "wire type 3 is not in use"),
            ([0x21, 1, 2, 3], .truncated(offset: 1), "the message ends in the middle of a number"),
        ] as [([UInt8], ProtobufError, String)]
    )
    func `tells what is wrong and at which byte`(bytes: [UInt8], expected: ProtobufError, text: String) {
        #expect(throws: expected) {
            var reader = ProtobufReader(bytes)
            _ = try reader.next()
        }
        #expect(expected.description == text)
        #expect((0...bytes.count).contains(expected.offset))
    }

    @Test func `a field of another type than expected is an error`() throws {
        var reader = ProtobufReader([0x08, 0x01, 0x12, 0x00])
        let number = try #require(try reader.next())
        let text = try #require(try reader.next())
        #expect(throws: ProtobufError.unexpectedWireType(field: 1, offset: 0)) { _ = try reader.text(number) }
        #expect(throws: ProtobufError.unexpectedWireType(field: 2, offset: 2)) { _ = try reader.double(text) }
        #expect(throws: ProtobufError.unexpectedWireType(field: 2, offset: 2)) { _ = try reader.integer(text) }
    }
}
