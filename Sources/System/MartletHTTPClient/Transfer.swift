import CCurl
import Synchronization

// Safety: after `TransferLoop` has taken a transfer over, everything but `cancelled` is touched by the loop's thread
// alone; libcurl calls the receivers on that thread too.

/// One request on its way.
@safe
final class Transfer: @unchecked Sendable {
    typealias Outcome = Result<IncomingResponse, HTTPClientError>

    let request: OutgoingRequest
    let address: RequestAddress
    let headerLines: [String]
    let deadline: Int64

    /// The message, where this is mail; then the request only lends its limits.
    let mail: OutgoingMail?

    /// How much of the message was handed over.
    var mailBytesSent = 0

    /// The mail server's last line and its code.
    private(set) var mailLine = ""
    private(set) var mailCode: Int?

    /// Whether the mail server did not accept the account.
    private(set) var isLoginDenied = false

    /// The address that the policy does not allow, when libcurl was about to connect to it.
    var refusedAddress: String?

    let cancelled = Atomic(false)

    var finish: ((Outcome) -> Void)?
    var easy: EasyHandle?
    private var headers: [(name: String, value: String)] = []
    private var headerBytes = 0
    private var body: [UInt8] = []
    private var isBodyTooLarge = false
    private var isHeaderTooLarge = false

    /// How large all header lines of an answer may be together.
    private static let headerBytesMax = 256 << 10

    init(_ request: OutgoingRequest) throws(HTTPClientError) {
        self.request = request
        mail = nil
        address = try RequestAddress(request.url)
        headerLines = try HeaderLines.lines(of: request)
        deadline = Platform.monotonicNanoseconds + request.timeout.nanosecondsClamped
    }

    init(mail: OutgoingMail) {
        var request = OutgoingRequest("MAIL", url: "")
        request.timeout = mail.timeout
        request.tls = mail.tls
        request.addresses = mail.addresses
        self.request = request
        self.mail = mail
        address = RequestAddress(mailHost: mail.host, port: mail.port)
        headerLines = []
        deadline = Platform.monotonicNanoseconds + mail.timeout.nanosecondsClamped
    }

    /// Takes a part of the body.
    ///
    /// - Returns: Whether it fits.
    func receiveBody(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        guard body.count + bytes.count <= request.bodyBytesMax else {
            isBodyTooLarge = true
            if request.needsOnlyStatus {
                unsafe body.append(contentsOf: bytes.prefix(request.bodyBytesMax - body.count))
            }
            return false
        }
        unsafe body.append(contentsOf: bytes)
        return true
    }

    /// Takes a header line; a status line begins a new answer, after a redirect or an interim one.
    func receiveHeader(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        headerBytes += bytes.count
        guard headerBytes <= Self.headerBytesMax else {
            isHeaderTooLarge = true
            return false
        }
        let line = unsafe String(decoding: bytes, as: UTF8.self)
        guard mail == nil else {
            noteMailLine(line)
            return true
        }
        if line.hasPrefix("HTTP/") {
            headers = []
            body = []
            return true
        }
        guard let colon = line.utf8.firstIndex(of: UInt8(ascii: ":")) else { return true }
        let value = line[line.utf8.index(after: colon)...].drop { $0 == " " || $0 == "\t" }
        let end = value.lastIndex { !$0.isWhitespace }.map { value.index(after: $0) } ?? value.startIndex
        headers.append((line[..<colon].lowercased(), String(value[..<end])))
        return true
    }

    /// Keeps what a mail server says last, as far as people need it.
    private func noteMailLine(_ line: String) {
        let clean = line.unicodeScalars.filter { $0.value >= 0x20 && !(0x7f...0x9f).contains($0.value) }
        mailLine = String(String(String.UnicodeScalarView(clean)).prefix(300))
        mailCode = Int(mailLine.prefix(3))
    }

    /// What came of it, by libcurl's code.
    func outcome(_ code: CURLcode) -> Outcome {
        let status = easy?.status ?? 0
        if request.needsOnlyStatus, status >= 200, isBodyTooLarge || code == CURLE_OPERATION_TIMEDOUT {
            return .success(IncomingResponse(status: status, headers: headers, body: body))
        }
        if isBodyTooLarge { return .failure(.bodyTooLarge(limit: request.bodyBytesMax)) }
        if isHeaderTooLarge {
            return .failure(.connection("\(address.place) sent a header of more than \(Self.headerBytesMax) bytes"))
        }
        guard code == CURLE_OK else { return .failure(failure(code)) }
        return .success(IncomingResponse(status: easy?.status ?? 0, headers: headers, body: body))
    }

    /// The message for a deadline that passed before or during the exchange.
    var timeoutError: HTTPClientError {
        .timeout("no answer from \(address.place) within \(request.timeout.shortText)")
    }

    private func failure(_ code: CURLcode) -> HTTPClientError {
        let place = address.place
        let detail = easy?.message ?? ""
        let suffix = detail.isEmpty ? "" : ": \(detail)"
        if let refusedAddress {
            return .connection(
                "\(place) is at the private address \(refusedAddress), where notifications may not go; "
                    + "add the address or the host to server.notification_allowlist if that is meant"
            )
        }
        if code == CURLE_LOGIN_DENIED { isLoginDenied = true }
        switch code {
        case CURLE_URL_MALFORMAT, CURLE_UNSUPPORTED_PROTOCOL:
            return .badURL("malformed URL, of the request or of a redirect")
        case CURLE_COULDNT_RESOLVE_HOST: return .connection("cannot resolve host \(address.host)")
        case CURLE_COULDNT_RESOLVE_PROXY: return .connection("cannot resolve the proxy's host")
        case CURLE_COULDNT_CONNECT:
            let number = easy?.systemError ?? 0
            if Platform.isRefused(number) { return .connection("connection refused by \(place)") }
            return .connection(
                "cannot connect to \(place)\(Platform.message(ofError: number).map { ": \($0)" } ?? suffix)"
            )
        case CURLE_OPERATION_TIMEDOUT: return timeoutError
        case CURLE_GOT_NOTHING: return .connection("\(place) closed the connection without an answer")
        case CURLE_PARTIAL_FILE: return .connection("\(place) closed the connection before the whole answer had come")
        case CURLE_SEND_ERROR, CURLE_RECV_ERROR:
            return .connection("the connection to \(place) broke\(suffix)")
        case CURLE_TOO_MANY_REDIRECTS:
            return .connection("more than \(EasyHandle.redirectsMax) redirects from \(place)")
        case CURLE_BAD_CONTENT_ENCODING:
            return .badEncoding("the answer of \(place) is compressed badly or in an unknown way\(suffix)")
        case CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CERTPROBLEM, CURLE_SSL_CACERT_BADFILE,
            CURLE_SSL_CIPHER, CURLE_SSL_ISSUER_ERROR:
            return .connection("no TLS connection to \(place)\(suffix)")
        case CURLE_OUT_OF_MEMORY: return .connection("no memory for the request to \(place)")
        default: return .connection("the request to \(place) failed\(suffix)")
        }
    }
}

extension Duration {
    /// The duration in nanoseconds, at least 1 and at most what 64 bits hold with room.
    var nanosecondsClamped: Int64 {
        let (seconds, attoseconds) = components
        guard seconds < 4_000_000_000 else { return .max / 4 }
        return max(1, seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
    }

    /// The duration for people: `10s`, `250ms`.
    var shortText: String {
        let milliseconds = nanosecondsClamped / 1_000_000
        return milliseconds % 1000 == 0 ? "\(milliseconds / 1000)s" : "\(milliseconds)ms"
    }
}
