import Foundation
import MartletHTTPClient
import MartletHTTPServer
import Testing

@Suite("Address policy")
struct AddressPolicyTests {
    @Test(
        arguments: [
            ([127, 0, 0, 1], false), ([10, 1, 2, 3], false), ([172, 16, 0, 1], false), ([172, 32, 0, 1], true),
            ([192, 168, 1, 1], false), ([169, 254, 169, 254], false), ([100, 64, 0, 1], false), ([0, 0, 0, 0], false),
            ([8, 8, 8, 8], true), ([224, 0, 0, 1], false), ([255, 255, 255, 255], false), ([1, 1, 1, 1], true),
        ] as [([UInt8], Bool)]
    )
    func `lets public addresses through and no private ones`(address: [UInt8], isAllowed: Bool) {
        #expect(AddressPolicy().allows(address, host: "x") == isAllowed)
        // The same, mapped into IPv6.
        let mapped: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff] + address
        #expect(AddressPolicy().allows(mapped, host: "x") == isAllowed)
        let nat64: [UInt8] = [0x00, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0] + address
        #expect(AddressPolicy().allows(nat64, host: "x") == isAllowed)
        let wrapped: [UInt8] = [0x20, 0x02] + address + [UInt8](repeating: 0, count: 10)
        #expect(AddressPolicy().allows(wrapped, host: "x") == isAllowed)
    }

    @Test func `knows the private networks of IPv6`() {
        let loopback = [UInt8](repeating: 0, count: 15) + [1]
        #expect(!AddressPolicy().allows(loopback, host: "x"))
        #expect(!AddressPolicy().allows([0xfe, 0x80] + [UInt8](repeating: 0, count: 14), host: "x"))
        #expect(!AddressPolicy().allows([0xfd, 0x00] + [UInt8](repeating: 0, count: 14), host: "x"))
        #expect(AddressPolicy().allows([0x26, 0x06] + [UInt8](repeating: 0, count: 14), host: "x"))
        #expect(!AddressPolicy().allows([], host: "x"))
        #expect(AddressPolicy(allowing: ["fd00::/8"]).allows([0xfd] + [UInt8](repeating: 7, count: 15), host: "x"))
    }

    @Test func `lets listed addresses, networks and hosts through`() {
        let policy = AddressPolicy(allowing: ["10.1.0.0/17", "127.0.0.1", "Alerts.Internal"])
        #expect(policy.allows([10, 1, 127, 255], host: "x"))
        #expect(!policy.allows([10, 1, 128, 0], host: "x"))
        #expect(policy.allows([127, 0, 0, 1], host: "x") && !policy.allows([127, 0, 0, 2], host: "x"))
        #expect(policy.allows([192, 168, 0, 1], host: "alerts.internal"))
        #expect(AddressPolicy.isEntry("10.0.0.0/8") && AddressPolicy.isEntry("host-1.example"))
        #expect(!AddressPolicy.isEntry("10.0.0.0/33") && !AddressPolicy.isEntry("") && !AddressPolicy.isEntry("a b"))
    }

    @Test func `refuses the connection before it is made, whatever name leads there`() async throws {
        let server = try HTTPServer(HTTPServer.Configuration(host: "127.0.0.1", port: 0)) { _ in
            HTTPResponse(status: 200)
        }
        defer { server.stop(drain: .zero) }
        let client = try HTTPClient()
        defer { client.close() }
        for host in ["127.0.0.1", "localhost"] {
            var request = OutgoingRequest(url: "http://\(host):\(server.port)/")
            request.addresses = AddressPolicy()
            let error = await #expect(throws: HTTPClientError.self) { _ = try await client.send(request) }
            #expect(
                error?.description.contains("server.notification_allowlist") == true,
                "\(String(describing: error))"
            )
            request.addresses = AddressPolicy(allowing: [host])
            #expect(try await client.send(request).status == 200)
        }
        let mail = OutgoingMail(host: "127.0.0.1", port: server.port, sender: "a@b", recipients: ["c@d"], message: [])
        await #expect(throws: MailError.self) { _ = try await client.send(mail) }
    }

    @Test(arguments: [
        ("a@b\r\nRCPT", "c@d", "mail", 25), ("a@b", "<c@d>", "mail", 25), ("a@b", "c", "mail", 25),
        ("a@b", "c@d", "mail/../x", 25), ("a@b", "c@d", "mail", 0), ("a@b", "c@d", "", 25),
    ])
    func `refuses mail that would inject commands`(sender: String, recipient: String, host: String, port: Int)
        async throws
    {
        let client = try HTTPClient()
        defer { client.close() }
        let mail = OutgoingMail(host: host, port: port, sender: sender, recipients: [recipient], message: [])
        let error = await #expect(throws: MailError.self) { _ = try await client.send(mail) }
        if case .unusable = error {} else { Issue.record("\(String(describing: error))") }
    }

    @Test func `takes the status of an answer whose body is too large or too slow`() async throws {
        let server = try HTTPServer(HTTPServer.Configuration(host: "127.0.0.1", port: 0)) { request in
            guard request.path == "/slow" else {
                return HTTPResponse(status: 201, body: .bytes([UInt8](repeating: 120, count: 10 << 20)))
            }
            return HTTPResponse(
                status: 202,
                body: .chunks {
                    Thread.sleep(forTimeInterval: 0.05)
                    return [120]
                }
            )
        }
        defer { server.stop(drain: .zero) }
        let client = try HTTPClient()
        defer { client.close() }
        var request = OutgoingRequest(url: "http://127.0.0.1:\(server.port)/large")
        request.bodyBytesMax = 1000
        await #expect(throws: HTTPClientError.self) { _ = try await client.send(request) }
        request.needsOnlyStatus = true
        let large = try await client.send(request)
        #expect(large.status == 201 && large.body.count == 1000)
        request.url = "http://127.0.0.1:\(server.port)/slow"
        request.timeout = .milliseconds(500)
        #expect(try await client.send(request).status == 202)
    }
}
