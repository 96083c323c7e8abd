public import MartletConfiguration
public import MartletHTTPClient

extension HTTPClientSettings {
    /// Puts these settings into a request: credentials, TLS, proxy, headers, redirects.
    ///
    /// Secret files are read now, so that rotated ones count.
    ///
    /// - Throws: ``FileError`` when one cannot be read.
    public func apply(to request: inout OutgoingRequest) throws(FileError) {
        switch credentials {
        case .basic(let user, let password)?:
            request.credentials = .basic(user: user, password: try password?.read().reveal() ?? "")
        case .basicFromFile(let file, let password)?:
            let user = try SecretSource.file(file).read().reveal()
            request.credentials = .basic(user: user, password: try password?.read().reveal() ?? "")
        case .authorization(let scheme, let secret)?:
            request.credentials = .authorization(scheme: scheme, credentials: try secret.read().reveal())
        case nil: break
        }
        for header in headers {
            for value in header.values { request.headers.append((header.name, try value.read().reveal())) }
        }
        request.followsRedirects = followsRedirects
        request.proxy = proxy?.reveal()
        guard tls != TLSSettings() else { return }
        var options = TLSOptions()
        options.authorityFile = tls.authorityFile
        options.certificateFile = tls.certificateFile
        options.keyFile = tls.keyFile
        options.serverName = tls.serverName
        options.acceptsAnyCertificate = tls.acceptsAnyCertificate
        request.tls = options
    }
}
