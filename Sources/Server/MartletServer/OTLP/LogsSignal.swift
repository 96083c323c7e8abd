import MartletEvents
import MartletLogStore
import MartletOTLP

/// Log records, put into the log store.
struct LogsSignal: OTLPSignal {
    let logs: LogService

    let path = "logs"
    let method = "/opentelemetry.proto.collector.logs.v1.LogsService/Export"
    let items = "logs"

    func take(_ body: [UInt8], _ form: OTLPForm, origin: String) throws(RPCStatus) -> OTLPTaken {
        // What is stored is protobuf; JSON is rare and may cost more.
        var refused: [OTLPError] = []
        let message = form == .protobuf ? body : try Self.encoded(json: body, &refused)
        let taken = try store(message, &refused)
        let reason = refused.first.map { first in
            "refused \(refused.count) of \(taken + refused.count) records, the first because \(first)"
        }
        return OTLPTaken(
            answer: OTLPAnswer(.records, rejected: refused.count, message: reason ?? ""),
            items: [("logs", taken)]
        )
    }

    /// Stores the records of a message; those that cannot be read are left out and told of.
    private func store(_ message: [UInt8], _ refused: inout [OTLPError]) throws(RPCStatus) -> Int {
        do {
            let store = try logs.storeToWrite()
            do {
                return try store.append(wire: message).accepted
            } catch let error as OTLPError {
                guard refused.isEmpty else { throw error }
                // Rare, so that it may cost a second reading.
                var found: [OTLPError] = []
                let rest = try LogsRequest(decoding: message) { found.append($0) }
                refused = found
                guard rest.entryCount > 0 else { throw error }
                return try store.append(rest).accepted
            }
        } catch let error as OTLPError {
            throw RPCStatus(code: .invalidArgument, message: error.description)
        } catch {
            throw RPCStatus(code: .unavailable, message: "\(error)")
        }
    }

    private static func encoded(json body: [UInt8], _ refused: inout [OTLPError]) throws(RPCStatus) -> [UInt8] {
        var found: [OTLPError] = []
        defer { refused = found }
        do throws(OTLPError) {
            return try LogsRequest(json: body) { found.append($0) }.encoded()
        } catch {
            throw RPCStatus(code: .invalidArgument, message: error.description)
        }
    }
}
