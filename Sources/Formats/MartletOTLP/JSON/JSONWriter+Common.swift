import MartletCore

extension JSONWriter {
    /// A number of 64 bits, which OTLP writes as a text.
    mutating func member(_ name: String, text number: UInt64) {
        member(name, String(number))
    }

    mutating func member(_ name: String, ifSet number: UInt32) {
        if number != 0 { member(name, number) }
    }

    mutating func member(_ name: String, ifSet text: String) {
        if !text.isEmpty { member(name, text) }
    }

    mutating func member(_ name: String, ifSet attributes: [Attribute]) {
        guard !attributes.isEmpty else { return }
        member(name, array: attributes) { $0.attribute($1) }
    }

    mutating func attribute(_ attribute: Attribute) {
        object {
            $0.member("key", attribute.key)
            $0.key("value")
            $0.value(attribute.value)
        }
    }

    mutating func value(_ value: AttributeValue) {
        object { writer in
            switch value {
            case .string(let text): writer.member("stringValue", text)
            case .bool(let flag): writer.member("boolValue", flag)
            case .int(let number): writer.member("intValue", String(number))
            case .double(let number):
                switch number {
                case .infinity: writer.member("doubleValue", "Infinity")
                case -.infinity: writer.member("doubleValue", "-Infinity")
                default: writer.member("doubleValue", number)
                }
            case .bytes(let bytes): writer.member("bytesValue", Base64.encode(bytes))
            case .array(let values):
                writer.member("arrayValue", object: { $0.member("values", array: values) { $0.value($1) } })
            case .map(let attributes):
                writer.member("kvlistValue", object: { $0.member("values", array: attributes) { $0.attribute($1) } })
            case .empty: break
            }
        }
    }

    mutating func resource(_ resource: Resource) {
        member("resource", object: { $0.member("attributes", ifSet: resource.attributes) })
    }

    mutating func scope(_ scope: InstrumentationScope) {
        member(
            "scope",
            object: {
                $0.member("name", ifSet: scope.name)
                $0.member("version", ifSet: scope.version)
                $0.member("attributes", ifSet: scope.attributes)
            }
        )
    }
}
