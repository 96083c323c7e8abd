import MartletCore

extension HTTPClientSettings {
    /// Reads Prometheus' client keys, which stand beside others in a job and alone in an `http_config`.
    ///
    /// Unknown keys are reported by whoever finishes the reader.
    public init(reading reader: MappingReader) {
        self.init()
        credentials = Self.credentials(reader)
        tls = reader.mapping("tls_config") { TLSSettings(reading: $0) } ?? tls
        proxy = Self.proxy(reader)
        followsRedirects = reader.bool("follow_redirects", default: true)
        headers = Self.headers(reader)
        _ = reader.bool("enable_http2")
        reader.warnUnserved(["no_proxy", "proxy_from_environment", "proxy_connect_header"])
        if reader.node("oauth2") != nil {
            reader.report("\"oauth2\" is not supported; supported are basic_auth and authorization", at: "oauth2")
        }
    }

    private static func credentials(_ reader: MappingReader) -> Credentials? {
        let basic: Credentials? = reader.mapping("basic_auth") { basic in
            let user = basic.string("username", default: "")
            let userFile = basic.path("username_file")
            let password = basic.secretSource("password")
            if let userFile {
                if !user.isEmpty {
                    basic.report("at most one of \"username\" and \"username_file\" may be given", at: "username_file")
                }
                return .basicFromFile(userFile: userFile, password: password)
            }
            return .basic(user: user, password: password)
        }
        let authorization: Credentials? = reader.mapping("authorization") { authorization in
            let scheme = authorization.string("type", default: "Bearer")
            if scheme.lowercased() == "basic" {
                authorization.report("authorization type cannot be \"basic\"; use basic_auth", at: "type")
            }
            guard let secret = authorization.secretSource("credentials") else {
                authorization.report("missing field \"credentials\" or \"credentials_file\"", at: "credentials")
                return nil
            }
            return .authorization(scheme: scheme, credentials: secret)
        }
        let bearer: Credentials? = reader.secretSource("bearer_token")
            .map { .authorization(scheme: "Bearer", credentials: $0) }
        let given = [basic, authorization, bearer].compactMap(\.self)
        if given.count > 1 {
            let keys = ["basic_auth", "authorization", "bearer_token", "bearer_token_file"].filter(reader.has)
            reader.report("only one of \(keys.joined(separator: ", ")) may be given", at: keys.last ?? "authorization")
        }
        return given.first
    }

    private static func proxy(_ reader: MappingReader) -> Secret? {
        guard let proxy = reader.secret("proxy_url") else { return nil }
        let schemes = ["http://", "https://", "socks5://", "socks5h://"]
        if !schemes.contains(where: { proxy.reveal().hasPrefix($0) }) {
            reader.report("proxy_url must begin with http://, https:// or socks5://", at: "proxy_url")
        }
        return proxy
    }

    private static func headers(_ reader: MappingReader) -> [Header] {
        reader.mapping("http_headers") { headers in
            headers.keys.flatMap { name in
                headers.mapping(name) { header in
                    let values = header.strings("values").map { SecretSource.inline(Secret($0)) }
                    let secrets = header.strings("secrets").map { SecretSource.inline(Secret($0)) }
                    let files = header.strings("files").map { SecretSource.file(header.context.resolve($0)) }
                    return [
                        Header(name: name, values: values, isSecret: false),
                        Header(name: name, values: secrets + files, isSecret: true),
                    ].filter { !$0.values.isEmpty }
                } ?? []
            }
        } ?? []
    }
}

extension TLSSettings {
    /// Reads a `tls_config`.
    ///
    /// Unknown keys are reported by whoever finishes the reader.
    public init(reading reader: MappingReader) {
        self.init()
        authorityFile = reader.path("ca_file")
        certificateFile = reader.path("cert_file")
        keyFile = reader.path("key_file")
        serverName = reader.string("server_name")
        acceptsAnyCertificate = reader.bool("insecure_skip_verify", default: false)
        if (certificateFile == nil) != (keyFile == nil) {
            let given = certificateFile == nil ? "key_file" : "cert_file"
            reader.report("cert_file and key_file must be given together", at: given)
        }
        for key in ["ca", "cert", "key", "ca_ref", "cert_ref", "key_ref"] where reader.node(key) != nil {
            reader.report(
                "\"\(key)\" in tls_config is not supported; write it to a file and use ca_file, cert_file or key_file",
                at: key
            )
        }
        reader.warnUnserved(["min_version", "max_version"], in: "tls_config.")
    }
}
