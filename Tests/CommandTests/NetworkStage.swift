import Foundation
import Glibc
import OperationsSimulator
import WireFormat

/// Servers of other people in front of a simulated service: nginx that speaks TLS, and tinyproxy.
///
/// All of them listen on high ports of this machine, as whoever runs the tests.
final class NetworkStage {
    enum Failure: Error { case setup(String) }

    let folder = Folder()
    /// The address of this machine that is not loopback; what goes there may use proxies and gzip.
    let address: String
    private let server: SimulatorHandle
    private var children: [Process] = []

    /// What nginx offers, each on a port of its own.
    enum Site: Int, CaseIterable {
        case right, expired, wrongName, unknownAuthority, oldTLS, mutual, plainText
    }

    /// Ports that were free a moment ago.
    private let ports: [UInt16]

    static let isPossible =
        address != nil && ["nginx", "tinyproxy", "openssl"].allSatisfy { path(of: $0) != nil }

    static func run(_ body: (NetworkStage) async throws -> Void) async throws {
        let operations = (0..<400).map {
            ScriptedOperation("op-\($0)", created: .seconds(-600 - Int64($0)))
        }
        let service = SimulatedService(
            start: now, operations: operations, parents: ["projects/acme"])
        let server = try await OperationsSimulator.serve(service, clock: SimulatorClock { now })
        var failure: (any Error)?
        do {
            let stage = try NetworkStage(server)
            defer { stage.end() }
            try await body(stage)
        } catch let error {
            failure = error
        }
        await server.shutdown()
        if let failure { throw failure }
    }

    private static var now: Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(seconds: Int64(time.tv_sec)) ?? .earliest
    }

    private init(_ server: SimulatorHandle) throws {
        guard let address = Self.address else { throw Failure.setup("no address") }
        self.address = address
        self.server = server
        ports = (0..<Site.allCases.count + 2).map { _ in Self.freePort() }
        try makeCertificates()
        try startNginx()
    }

    private func end() {
        for child in children { end(child) }
    }

    private func end(_ child: Process) {
        kill(child.processIdentifier, SIGKILL)
        child.waitUntilExit()
    }

    func port(_ site: Site) -> UInt16 { ports[site.rawValue] }

    /// What nginx wrote of the requests that it answered: protocol, status, how much of the body
    /// compression took away, and whose certificate was shown.
    var accessLog: String {
        (try? String(contentsOfFile: folder.path("access.log"), encoding: .utf8)) ?? ""
    }

    // MARK: What opwatchd is told

    /// A policy that watches one of the sites.
    /// - Parameter lines: of the service.
    func policy(_ site: Site, host: String, _ lines: [String] = []) throws -> String {
        let text = """
            version: 1
            services:
              - name: ml
                endpoint: https://\(host):\(port(site))/v1
                parents: [projects/acme]
                credentials: none
                ca_file: \(folder.path("ca.pem"))
            \(lines.map { "    \($0)\n" }.joined())rules: []

            """
        return try folder.write(text, to: "policy-\(UUID().uuidString).yaml")
    }

    // MARK: Certificates

    private func makeCertificates() throws {
        for name in ["ca", "other-ca"] {
            try openssl(
                "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
                "-nodes", "-keyout", "\(name).key", "-out", "\(name).pem", "-days", "2", "-subj",
                "/CN=opwatchd test \(name)")
        }
        try sign("right", names: "DNS:localhost,IP:\(address)")
        try sign("expired", names: "DNS:localhost", days: 0)
        try sign("wrong-name", names: "DNS:elsewhere.test")
        try sign("unknown", names: "DNS:localhost", by: "other-ca")
        try sign("client", names: "DNS:opwatchd")
    }

    private func sign(
        _ name: String, names: String, by authority: String = "ca", days: Int = 2
    ) throws {
        try folder.write("subjectAltName=\(names)\n", to: "\(name).ext")
        try openssl(
            "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
            "-keyout", "\(name).key", "-out", "\(name).csr", "-subj", "/CN=\(name)")
        try openssl(
            "x509", "-req", "-in", "\(name).csr", "-CA", "\(authority).pem", "-CAkey",
            "\(authority).key", "-CAcreateserial", "-out", "\(name).pem", "-days", "\(days)",
            "-extfile", "\(name).ext")
    }

    private func openssl(_ arguments: String...) throws {
        let process = try child("openssl", arguments)
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw Failure.setup("openssl \(arguments.joined(separator: " "))")
        }
    }

    // MARK: Servers

    private func startNginx() throws {
        let sites: [(Site, String)] = [
            (.right, ssl("right")), (.expired, ssl("expired")), (.wrongName, ssl("wrong-name")),
            (.unknownAuthority, ssl("unknown")),
            (.oldTLS, ssl("right", "ssl_protocols TLSv1.1; ssl_ciphers DEFAULT@SECLEVEL=0;")),
            (.mutual, ssl("right", "ssl_client_certificate ca.pem; ssl_verify_client on;")),
        ]
        let servers = sites.map { site, lines in
            """
                server { listen [::]:\(port(site)) ipv6only=off ssl http2; \(lines)
                    location / { proxy_pass http://127.0.0.1:\(server.port); } }
            """
        }
        let text = """
            daemon off; master_process off; worker_processes 1;
            pid nginx.pid; error_log error.log;
            events { worker_connections 64; }
            http {
                log_format story
                    '$server_port $server_protocol $status $gzip_ratio $ssl_client_s_dn';
                access_log access.log story;
                client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi;
                uwsgi_temp_path uwsgi; scgi_temp_path scgi;
                gzip on; gzip_proxied any; gzip_types application/json;
            \(servers.joined(separator: "\n"))
                server { listen [::]:\(port(.plainText)) ipv6only=off; }
            }

            """
        try folder.write(text, to: "nginx.conf")
        let nginx = try child(
            "nginx", ["-p", folder.path, "-c", "nginx.conf", "-e", "error.log"])
        children.append(nginx)
        try waitForPort(port(.right))
    }

    private func ssl(_ name: String, _ more: String = "") -> String {
        "ssl_certificate \(name).pem; ssl_certificate_key \(name).key; \(more)"
    }

    /// Starts a tinyproxy that is shown a user and password, or lets nobody through to the sites.
    /// - Returns: its port.
    func startProxy(user: String? = nil, letsThrough: Bool = true) throws -> UInt16 {
        let port = ports[Site.allCases.count + (user == nil ? 0 : 1)]
        let name = "tinyproxy-\(UUID().uuidString)"
        let text = """
            Port \(port)
            Listen \(address)
            Timeout 30
            MaxClients 16
            LogFile "\(folder.path("\(name).log"))"
            \(user.map { "BasicAuth \($0)" } ?? "")
            ConnectPort \(letsThrough ? self.port(.right) : 1)

            """
        try folder.write(text, to: name)
        children.append(try child("tinyproxy", ["-d", "-c", folder.path(name)]))
        try waitForPort(port, host: address)
        proxyLogs.append(folder.path("\(name).log"))
        return port
    }

    /// Ends the proxies, so that their ports are free again.
    func endProxies() {
        for child in children.dropFirst() { end(child) }
        children = Array(children.prefix(1))
    }

    private var proxyLogs: [String] = []

    /// What the proxies wrote of what they were asked for.
    var proxyLog: String {
        proxyLogs.map { (try? String(contentsOfFile: $0, encoding: .utf8)) ?? "" }.joined()
    }

    // MARK: Processes and ports

    private func child(_ program: String, _ arguments: [String]) throws -> Process {
        guard let path = Self.path(of: program) else { throw Failure.setup(program) }
        let process = Process()
        process.executableURL = URL(filePath: path)
        process.arguments = arguments
        process.currentDirectoryURL = URL(filePath: folder.path)
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        return process
    }

    private static func path(of program: String) -> String? {
        ["/usr/sbin", "/usr/bin", "/usr/local/bin"].map { "\($0)/\(program)" }
            .first { access($0, X_OK) == 0 }
    }

    /// Waits until somebody listens; whoever starts a server has it answer within seconds.
    private func waitForPort(_ port: UInt16, host: String = "127.0.0.1") throws {
        let limit = ContinuousClock.now + .seconds(10)
        while ContinuousClock.now < limit {
            if Self.isOpen(port, host) { return }
            sched_yield()
        }
        throw Failure.setup("nobody listens on \(host):\(port)")
    }

    private static func socketAddress(_ port: UInt16, _ host: String) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        inet_pton(AF_INET, host, &address.sin_addr)
        return address
    }

    private static func isOpen(_ port: UInt16, _ host: String) -> Bool {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = socketAddress(port, host)
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
    }

    private static func freePort() -> UInt16 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = socketAddress(0, "127.0.0.1")
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                _ = bind(descriptor, $0, length)
                getsockname(descriptor, $0, &length)
            }
        }
        return UInt16(bigEndian: address.sin_port)
    }

    /// The first address of IPv4 that is not loopback.
    private static let address: String? = {
        var first: UnsafeMutablePointer<ifaddrs>?
        guard getifaddrs(&first) == 0 else { return nil }
        defer { freeifaddrs(first) }
        for entry in sequence(first: first, next: { $0?.pointee.ifa_next }) {
            guard let entry, let pointer = entry.pointee.ifa_addr,
                pointer.pointee.sa_family == sa_family_t(AF_INET)
            else { continue }
            var text = [CChar](repeating: 0, count: Int(INET_ADDRSTRLEN))
            pointer.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
                _ = inet_ntop(AF_INET, &$0.pointee.sin_addr, &text, socklen_t(text.count))
            }
            let address = String(decoding: text.prefix { $0 != 0 }.map(UInt8.init), as: UTF8.self)
            if !LoopbackHost.isOne(address) { return address }
        }
        return nil
    }()
}
