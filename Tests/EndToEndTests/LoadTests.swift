import Foundation
import Testing

/// The HTTP server stands what clients on the open network do to it.
@Suite("Load on the HTTP server", .fewAtOnce)
struct LoadTests {
    /// Sends requests by the thousand beside clients that trickle, lie and send rubbish, and prints what came back.
    private static let script = """
        import re, socket, sys, threading
        port, pid, requests = int(sys.argv[1]), sys.argv[2], int(sys.argv[3])
        def resident():
            return int(re.search(r"VmRSS:\\s+(\\d+)", open(f"/proc/{pid}/status").read()).group(1))
        def connect():
            connection = socket.create_connection(("127.0.0.1", port))
            connection.settimeout(60)
            return connection
        statuses, lock = {}, threading.Lock()
        def ask(path, total, batch=100):
            connection, buffer, good = connect(), b"", 0
            line = f"GET {path} HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n".encode()
            for _ in range(total // batch):
                connection.sendall(line * batch)
                left = batch
                while left:
                    end = buffer.find(b"\\r\\n\\r\\n")
                    if end < 0:
                        part = connection.recv(1 << 16)
                        assert part, "the server closed a good connection"
                        buffer += part
                        continue
                    head = buffer[:end].decode().lower()
                    size = int(re.search(r"content-length: (\\d+)", head).group(1))
                    while len(buffer) < end + 4 + size: buffer += connection.recv(1 << 16)
                    buffer, left = buffer[end + 4 + size:], left - 1
                    good += head.startswith("http/1.1 200")
            with lock: statuses[path] = statuses.get(path, 0) + good
        def status(data):
            connection = connect()
            try: connection.sendall(data)
            except OSError: pass
            try: answer = connection.recv(1 << 16).decode(errors="replace")
            except OSError: answer = ""
            return answer.split(" ")[1] if " " in answer else "closed"
        ask("/-/healthy", 1000)
        ask("/api/v1/query?query=vector(1)", 1000)
        before = resident()
        slow = [connect() for _ in range(50)]
        for connection in slow: connection.sendall(b"GET /-/healthy HTTP/1.1\\r\\nX-Slow: ")
        threads = [threading.Thread(target=ask, args=("/-/healthy", requests // 4)) for _ in range(3)]
        threads.append(threading.Thread(target=ask, args=("/api/v1/query?query=vector(1)", requests // 4)))
        for thread in threads: thread.start()
        seen = {}
        for round in range(40):
            for name, data in {
                "rubbish": bytes((round * 7 + i * 31) % 256 for i in range(300)) + b"\\r\\n\\r\\n",
                "header": b"GET / HTTP/1.1\\r\\nHost: x\\r\\nX: " + b"a" * 200000 + b"\\r\\n\\r\\n",
                "url": b"GET /" + b"a" * 30000 + b" HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n",
                "length": b"POST /api/v1/write HTTP/1.1\\r\\nHost: x\\r\\nContent-Length: 99999999999\\r\\n\\r\\n",
                "negative": b"POST /api/v1/query HTTP/1.1\\r\\nHost: x\\r\\nContent-Length: -1\\r\\n\\r\\n",
                "both": b"POST / HTTP/1.1\\r\\nHost: x\\r\\nContent-Length: 3\\r\\nTransfer-Encoding: chunked\\r\\n\\r\\n",
            }.items():
                seen.setdefault(name, set()).add(status(data))
        for thread in threads: thread.join()
        for connection in slow: connection.close()
        print("good", sum(statuses.values()))
        for name, found in sorted(seen.items()): print(name, *sorted(found))
        print("grown", resident() - before)
        """

    @Test(.enabled(if: Tools.has("python3")))
    func `a hundred thousand requests among slow and malformed ones are all answered, in bounded memory`() async throws
    {
        let server = try await ServerUnderTest()
        let script = try server.folder.write("load.py", Self.script)
        let port = try #require(server.url.split(separator: ":").last)
        let result = try await Tools.run("python3", script, String(port), "\(server.process.identifier)", "100000")
        try #require(result.status == 0, "\(result.output)\(result.error)")
        var words: [String: [String]] = [:]
        for line in result.output.split(separator: "\n") {
            let fields = line.split(separator: " ").map(String.init)
            words[fields[0]] = Array(fields.dropFirst())
        }
        #expect(words["good"] == ["102000"])
        #expect(words["rubbish"] == ["400"] || words["rubbish"] == ["closed"] || words["rubbish"] == ["400", "closed"])
        #expect(words["header"]?.allSatisfy { ["431", "closed"].contains($0) } == true)
        #expect(words["url"]?.allSatisfy { ["414", "431", "closed"].contains($0) } == true)
        #expect(words["length"] == ["413"])
        #expect(words["negative"] == ["400"])
        #expect(words["both"] == ["400"])
        let grown = try #require(words["grown"]?.first.flatMap { Int($0) })
        #expect(grown < 64 << 10, "resident memory grew by \(grown) KiB")
        #expect(try await server.send("GET", "/-/ready").status == 200)
        #expect(server.process.end() == 0)
    }
}
