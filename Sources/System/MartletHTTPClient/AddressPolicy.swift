/// Which network addresses a request may connect to.
///
/// It is asked about the very address that a connection is about to be made to, after the name was resolved, so that a
/// name that changes its address meanwhile gains nothing.
public struct AddressPolicy: Sendable, Hashable {
    private let networks: [Network]
    private let hosts: Set<String>

    /// Creates a policy that allows public addresses, and of the private ones those listed.
    ///
    /// - Parameter allowed: Addresses (`10.1.2.3`), networks (`10.0.0.0/8`, `fd00::/8`) and host names (`localhost`).
    public init(allowing allowed: [String] = []) {
        networks = allowed.compactMap(Network.init)
        hosts = Set(allowed.filter { Network($0) == nil }.map { $0.lowercased() })
    }

    /// Whether a text is an address, a network or a host name.
    public static func isEntry(_ text: String) -> Bool {
        if Network(text) != nil { return true }
        let isName = text.utf8.allSatisfy { byte in
            (0x30...0x39).contains(byte) || (0x61...0x7a).contains(byte | 0x20) || byte == 0x2d || byte == 0x2e
        }
        return isName && !text.isEmpty && text.utf8.contains { (0x61...0x7a).contains($0 | 0x20) }
    }

    /// Whether a connection to an address, 4 or 16 bytes, may be made for a host.
    public func allows(_ address: [UInt8], host: String) -> Bool {
        let plain = Self.unmapped(address)
        guard Self.isPrivate(plain) else { return true }
        return hosts.contains(host.lowercased()) || networks.contains { $0.contains(plain) }
    }

    /// An address as people write it.
    static func text(_ address: [UInt8]) -> String {
        if address.count == 4 { return address.map(String.init).joined(separator: ".") }
        let words = stride(from: 0, to: address.count - 1, by: 2).map { Int(address[$0]) << 8 | Int(address[$0 + 1]) }
        return words.map { String($0, radix: 16) }.joined(separator: ":")
    }

    /// Whether an address is not one of the public internet: this host, private, link-local, shared, multicast,
    /// reserved, or one that wraps such an IPv4 address.
    private static func isPrivate(_ address: [UInt8]) -> Bool {
        if address.count == 4 { return privateNetworks.contains { $0.contains(address) } }
        guard address.count == 16 else { return true }
        // Globally routed addresses begin with the bits 001; those of 6to4 and NAT64 wrap one of IPv4.
        if address[0] == 0x20, address[1] == 0x02 { return isPrivate(Array(address[2..<6])) }
        if address.starts(with: [0x00, 0x64, 0xff, 0x9b]) { return isPrivate(Array(address[12...])) }
        return address[0] & 0xe0 != 0x20
    }

    /// The IPv4 address within a mapped one.
    private static func unmapped(_ address: [UInt8]) -> [UInt8] {
        let prefix: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff]
        return address.count == 16 && address.starts(with: prefix) ? Array(address[12...]) : address
    }

    private static let privateNetworks = [
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
        "192.0.2.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4",
        "240.0.0.0/4",
    ].compactMap(Network.init)

    /// An address with the number of its bits that count.
    private struct Network: Sendable, Hashable {
        let bytes: [UInt8]
        let bits: Int

        init?(_ text: String) {
            let parts = text.split(separator: "/", omittingEmptySubsequences: false)
            guard parts.count <= 2, let bytes = Platform.addressBytes(String(parts[0])) else { return nil }
            self.bytes = AddressPolicy.unmapped(bytes)
            guard parts.count == 2 else {
                bits = self.bytes.count * 8
                return
            }
            guard let bits = Int(parts[1]), (0...self.bytes.count * 8).contains(bits) else { return nil }
            self.bits = bits
        }

        func contains(_ address: [UInt8]) -> Bool {
            guard address.count == bytes.count else { return false }
            let whole = bits / 8
            guard address[..<whole] == bytes[..<whole] else { return false }
            guard bits % 8 > 0 else { return true }
            let mask = UInt8(truncatingIfNeeded: 0xff << (8 - bits % 8))
            return address[whole] & mask == bytes[whole] & mask
        }
    }
}
