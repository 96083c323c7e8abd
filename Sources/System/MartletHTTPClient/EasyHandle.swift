import CCurl

// Safety: the handle, the list and the message buffer are made here, stay where they are, and are freed in `deinit`,
// after the loop has taken the handle out of its multi handle. The transfer that the handle points to is kept by the
// loop meanwhile.

/// libcurl's handle of one transfer.
@safe
final class EasyHandle {
    static let redirectsMax = 5

    let handle: UnsafeMutableRawPointer
    private var list: UnsafeMutablePointer<curl_slist>?
    private var connectList: UnsafeMutablePointer<curl_slist>?
    private let errorText: UnsafeMutablePointer<CChar>

    init?() {
        guard let handle = unsafe curl_easy_init() else { return nil }
        unsafe self.handle = unsafe handle
        unsafe errorText = .allocate(capacity: Int(CURL_ERROR_SIZE))
        unsafe errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
    }

    deinit {
        unsafe curl_easy_cleanup(handle)
        unsafe curl_slist_free_all(list)
        unsafe curl_slist_free_all(connectList)
        unsafe errorText.deallocate()
    }

    /// The answer's status.
    var status: Int { unsafe martlet_curl_status(handle) }

    /// The system's number of the last error.
    var systemError: Int { unsafe martlet_curl_system_error(handle) }

    /// libcurl's words on the error.
    var message: String {
        let text = unsafe String(cString: errorText)
        return text.prefix(1).lowercased() + text.dropFirst()
    }

    /// Sets everything for a transfer.
    ///
    /// - Returns: Whether libcurl took it all.
    func prepare(_ transfer: Transfer, userAgent: String, now: Int64) -> Bool {
        unsafe curl_easy_reset(handle)
        let request = transfer.request
        set(CURLOPT_NOSIGNAL, 1)
        set(CURLOPT_PROTOCOLS_STR, "http,https")
        set(CURLOPT_REDIR_PROTOCOLS_STR, "http,https")
        set(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1))
        set(CURLOPT_FOLLOWLOCATION, request.followsRedirects ? 1 : 0)
        set(CURLOPT_MAXREDIRS, Self.redirectsMax)
        // An empty text is "no proxy", whatever the environment says.
        set(CURLOPT_PROXY, request.proxy ?? "")
        set(CURLOPT_NOPROXY, "")
        set(CURLOPT_USERAGENT, userAgent)
        set(CURLOPT_ACCEPT_ENCODING, "gzip")
        let milliseconds = Int(max(1, (transfer.deadline - now) / 1_000_000))
        set(CURLOPT_TIMEOUT_MS, milliseconds)
        set(CURLOPT_CONNECTTIMEOUT_MS, milliseconds)
        unsafe martlet_curl_set_pointer(handle, CURLOPT_ERRORBUFFER, errorText)
        let context = unsafe Unmanaged.passUnretained(transfer).toOpaque()
        unsafe martlet_curl_set_pointer(handle, CURLOPT_PRIVATE, context)
        unsafe setReceivers(context)
        if request.addresses != nil { unsafe setOpener(context) }
        if let mail = transfer.mail { return unsafe setMail(mail, context) }
        setBody(request)
        setCredentials(request)
        let url = setTLS(transfer)
        return setLists(transfer, hasOtherHost: url != nil) && set(CURLOPT_URL, url ?? request.url)
    }

    @discardableResult
    private func set(_ option: CURLoption, _ value: Int) -> Bool {
        unsafe martlet_curl_set_number(handle, option, value) == CURLE_OK
    }

    @discardableResult
    private func set(_ option: CURLoption, _ value: String) -> Bool {
        unsafe martlet_curl_set_text(handle, option, value) == CURLE_OK
    }

    private func setReceivers(_ context: UnsafeMutableRawPointer) {
        unsafe martlet_curl_set_pointer(handle, CURLOPT_WRITEDATA, context)
        unsafe martlet_curl_set_pointer(handle, CURLOPT_HEADERDATA, context)
        unsafe martlet_curl_set_receiver(handle, CURLOPT_WRITEFUNCTION) { bytes, size, count, context in
            guard let context = unsafe context else { return 0 }
            let transfer = unsafe Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
            let isTaken = unsafe UnsafeRawBufferPointer(start: bytes, count: size * count)
                .withMemoryRebound(to: UInt8.self) { unsafe transfer.receiveBody($0) }
            // Any other number than all of them ends the transfer.
            return isTaken ? size * count : size * count &+ 1
        }
        unsafe martlet_curl_set_receiver(handle, CURLOPT_HEADERFUNCTION) { bytes, size, count, context in
            guard let context = unsafe context else { return 0 }
            let transfer = unsafe Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
            let isTaken = unsafe UnsafeRawBufferPointer(start: bytes, count: size * count)
                .withMemoryRebound(to: UInt8.self) { unsafe transfer.receiveHeader($0) }
            return isTaken ? size * count : size * count &+ 1
        }
    }

    /// Has every address checked before a connection to it is made.
    private func setOpener(_ context: UnsafeMutableRawPointer) {
        unsafe martlet_curl_set_opener(
            handle,
            { context, _, address in
                guard let context = unsafe context, let address = unsafe address else { return -1 }
                let transfer = unsafe Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
                var bytes = [UInt8](repeating: 0, count: 16)
                let count = Int(unsafe martlet_curl_address(address, &bytes))
                let found = Array(bytes[..<count])
                let host = transfer.address.host
                guard transfer.request.addresses?.allows(found, host: host) ?? true else {
                    transfer.refusedAddress = AddressPolicy.text(found)
                    return -1
                }
                transfer.refusedAddress = nil
                return unsafe martlet_curl_open(address)
            },
            context
        )
    }

    /// Sets what mail needs.
    private func setMail(_ mail: OutgoingMail, _ context: UnsafeMutableRawPointer) -> Bool {
        set(CURLOPT_PROTOCOLS_STR, "smtp,smtps")
        set(CURLOPT_UPLOAD, 1)
        set(CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
        set(CURLOPT_USE_SSL, Int(mail.protection == .startTLS ? CURLUSESSL_ALL.rawValue : CURLUSESSL_NONE.rawValue))
        if let tls = mail.tls { setTLSFiles(tls) }
        if let user = mail.user {
            set(CURLOPT_USERNAME, user)
            set(CURLOPT_PASSWORD, mail.password ?? "")
        }
        set(CURLOPT_MAIL_FROM, mail.sender)
        unsafe martlet_curl_set_size(handle, CURLOPT_INFILESIZE_LARGE, Int64(mail.message.count))
        unsafe martlet_curl_set_pointer(handle, CURLOPT_READDATA, context)
        unsafe martlet_curl_set_receiver(handle, CURLOPT_READFUNCTION) { bytes, size, count, context in
            guard let context = unsafe context, let bytes = unsafe bytes else { return 0 }
            let transfer = unsafe Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
            guard let message = transfer.mail?.message else { return 0 }
            let start = transfer.mailBytesSent
            let length = min(size * count, message.count - start)
            let target = unsafe UnsafeMutableRawBufferPointer(start: bytes, count: length)
            unsafe target.copyBytes(from: message[start..<(start + length)])
            transfer.mailBytesSent += length
            return length
        }
        unsafe curl_slist_free_all(list)
        unsafe list = nil
        for recipient in mail.recipients {
            guard unsafe Self.append(recipient, to: &list) else { return false }
        }
        unsafe martlet_curl_set_list(handle, CURLOPT_MAIL_RCPT, list)
        let host = mail.host.contains(":") && !mail.host.hasPrefix("[") ? "[\(mail.host)]" : mail.host
        let name = mail.hello.filter { $0.isLetter || $0.isNumber || ".-[]:".contains($0) }
        let scheme = mail.protection == .tls ? "smtps" : "smtp"
        return set(CURLOPT_URL, "\(scheme)://\(host):\(mail.port)/\(name)")
    }

    private func setBody(_ request: OutgoingRequest) {
        if request.method == "HEAD" {
            set(CURLOPT_NOBODY, 1)
            return
        }
        if let body = request.body ?? (["POST", "PUT", "PATCH"].contains(request.method) ? [] : nil) {
            set(CURLOPT_POST, 1)
            unsafe martlet_curl_set_size(handle, CURLOPT_POSTFIELDSIZE_LARGE, Int64(body.count))
            unsafe body.withUnsafeBytes { bytes in
                // It copies as many bytes as said above; without any it still wants an address.
                var none: UInt8 = 0
                unsafe withUnsafeMutableBytes(of: &none) { none in
                    let start = unsafe bytes.baseAddress.map { unsafe UnsafeMutableRawPointer(mutating: $0) }
                    unsafe martlet_curl_set_pointer(handle, CURLOPT_COPYPOSTFIELDS, start ?? none.baseAddress)
                }
            }
        }
        set(CURLOPT_CUSTOMREQUEST, request.method)
    }

    private func setCredentials(_ request: OutgoingRequest) {
        guard case .basic(let user, let password) = request.credentials else { return }
        set(CURLOPT_HTTPAUTH, Int(CURLAUTH_BASIC_BITS))
        set(CURLOPT_USERNAME, user)
        set(CURLOPT_PASSWORD, password)
    }

    /// `CURLAUTH_BASIC`, a macro with a cast that Swift does not import.
    private var CURLAUTH_BASIC_BITS: Int { 1 }

    /// Sets how TLS is spoken.
    ///
    /// - Returns: The URL with the certificate's name as its host, where that is another than the address'.
    private func setTLS(_ transfer: Transfer) -> String? {
        set(CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
        guard let tls = transfer.request.tls else { return nil }
        setTLSFiles(tls)
        guard let name = tls.serverName, transfer.address.scheme == "https", name != transfer.address.host else {
            return nil
        }
        return RequestAddress.url(transfer.request.url, withHost: name)
    }

    private func setTLSFiles(_ tls: TLSOptions) {
        if let file = tls.authorityFile { set(CURLOPT_CAINFO, file) }
        if let file = tls.certificateFile { set(CURLOPT_SSLCERT, file) }
        if let file = tls.keyFile { set(CURLOPT_SSLKEY, file) }
        guard tls.acceptsAnyCertificate else { return }
        set(CURLOPT_SSL_VERIFYPEER, 0)
        set(CURLOPT_SSL_VERIFYHOST, 0)
    }

    private func setLists(_ transfer: Transfer, hasOtherHost: Bool) -> Bool {
        unsafe curl_slist_free_all(list)
        unsafe list = nil
        unsafe curl_slist_free_all(connectList)
        unsafe connectList = nil
        for line in transfer.headerLines {
            guard unsafe Self.append(line, to: &list) else { return false }
        }
        let address = transfer.address
        if hasOtherHost {
            // The name goes into the TLS handshake, the connection to the address that was asked for.
            guard unsafe Self.append("::\(address.host):\(address.port)", to: &connectList) else { return false }
            let hasHost = transfer.request.headers.contains { $0.name.lowercased() == "host" }
            let host = address.hasOwnPort ? address.place : address.host
            guard unsafe hasHost || Self.append("Host: \(host)", to: &list) else { return false }
            unsafe martlet_curl_set_list(handle, CURLOPT_CONNECT_TO, connectList)
        }
        return unsafe martlet_curl_set_list(handle, CURLOPT_HTTPHEADER, list) == CURLE_OK
    }

    private static func append(_ line: String, to list: inout UnsafeMutablePointer<curl_slist>?) -> Bool {
        guard let longer = unsafe curl_slist_append(list, line) else { return false }
        unsafe list = unsafe longer
        return true
    }
}
