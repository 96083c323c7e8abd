extension HTTPClient: MailSending {
    /// Hands a message to its server over SMTP.
    ///
    /// - Returns: The server's last line.
    /// - Throws: ``MailError``. Cancelling the task ends the exchange.
    public func send(_ mail: OutgoingMail) async throws(MailError) -> String {
        let transfer = try Transfer(mail)
        let outcome = await run(transfer)
        switch outcome {
        case .success: return transfer.mailLine
        case .failure(let error): throw transfer.mailError(error)
        }
    }
}

extension Transfer {
    convenience init(_ mail: OutgoingMail) throws(MailError) {
        for address in [mail.sender] + mail.recipients {
            let isClean = address.utf8.allSatisfy { $0 > 0x20 && $0 != 0x7f && $0 != 0x3c && $0 != 0x3e }
            guard isClean, address.contains("@") else {
                throw .unusable("malformed mail address: it has to look like name@host, without a name around it")
            }
        }
        guard !mail.recipients.isEmpty else { throw .unusable("a message needs a recipient") }
        let isHost = mail.host.utf8.allSatisfy { $0 > 0x20 && $0 != 0x7f && !"/@?#".utf8.contains($0) }
        guard isHost, !mail.host.isEmpty, (1...65_535).contains(mail.port) else {
            throw .unusable("malformed mail server: it has to look like host:port")
        }
        let credentials = [mail.user ?? "", mail.password ?? "", mail.hello]
        guard credentials.allSatisfy({ $0.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7f } }) else {
            throw .unusable("the mail account's name, its password or the name of this host holds a control character")
        }
        self.init(mail: mail)
    }

    /// What came of a message that was not taken.
    func mailError(_ error: HTTPClientError) -> MailError {
        let line = mailLine.isEmpty ? "" : ": \(mailLine)"
        switch error {
        case .cancelled: return .cancelled
        case .timeout(let message): return .timeout(message)
        default: break
        }
        if isLoginDenied { return .login("\(address.place) does not accept the account or its password\(line)") }
        if let code = mailCode, code >= 400 { return .refused(code: code, "\(address.place) answered \(mailLine)") }
        return .connection(error.description)
    }
}
