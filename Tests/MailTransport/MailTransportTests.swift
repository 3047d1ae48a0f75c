import MailTransport
import Testing
import ThrowawayServers

/// Mail to a real SMTP server, read by a parser of somebody else's.
@Suite(.enabled(if: MailServers.isExpected)) struct MailTransportTests {
    private static func mail(
        _ text: String = "All is well.", subject: String = "A subject", to: [String] = ["ops@example.org"]
    ) -> MailMessage {
        MailMessage(
            from: "plumb@example.org", to: to, subject: subject, text: text, identifier: "one.two", time: 1_795_306_279)
    }

    private static func lines(_ text: String) -> [Substring] {
        text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
    }

    private static func failure(_ server: MailServer, _ mail: MailMessage = mail()) async -> MailError? {
        do throws(MailError) {
            try await server.take(mail)
            return nil
        } catch {
            return error
        }
    }

    @Test func plainTextArrivesAsItIs() async throws {
        let servers = try await MailServers()
        let server = MailServer(host: "127.0.0.1", port: servers.plain, security: .none)
        let text = "One line.\n.a line with a dot\n..\n.\nFrom here on\n\nThe last."
        try await server.take(Self.mail(text, to: ["ops@example.org", "dev@example.org"]))
        let mail = try #require(try servers.mails().first)
        #expect(Self.lines(mail.text) == Self.lines(text + "\n"))
        #expect(mail.subject == "A subject")
        #expect(mail.from == "plumb@example.org" && mail.to == ["ops@example.org", "dev@example.org"])
        #expect(mail.defects == [] && mail.user == nil && !mail.tls)
        #expect(mail.headers.contains(["Date", "Sun, 22 Nov 2026 00:11:19 +0000"]), "\(mail.headers)")
        #expect(mail.headers.contains(["Message-ID", "<one.two@example.org>"]))
        #expect(mail.headers.contains(["To", "ops@example.org, dev@example.org"]))
    }

    /// By name: what they hold would fill the log.
    private static let texts: [String: String] = [
        "umlauts": "Grüße aus Köln\nund ein Punkt:\n.\nEnde", "a long line": String(repeating: "x", count: 5000),
        "ends of lines": "a\r\nb\rc\u{2028}d", "nothing": "", "controls": "\u{1B}[31mred\u{0}",
        "much": String(repeating: "日本語 ", count: 3000),
    ]

    @Test(arguments: texts.keys.sorted()) func textOfAnyKindArrives(_ name: String) async throws {
        let text = try #require(Self.texts[name])
        let servers = try await MailServers()
        let server = MailServer(host: "127.0.0.1", port: servers.plain, security: .none)
        try await server.take(Self.mail(text))
        let mail = try #require(try servers.mails().first)
        #expect(Self.lines(mail.text) == Self.lines(text + "\n"))
        #expect(mail.defects == [] && mail.longest <= 998)
    }

    @Test(arguments: [
        "Web is failed\r\nBcc: eve@example.org\r\n\r\nAnother text", "Störung in „web“ – bitte ansehen: 日本語 👨‍👩‍👧",
        "=?utf-8?B?ZXZpbA==?=", String(repeating: "long ", count: 100),
    ]) func subjectsStayInTheirLine(_ subject: String) async throws {
        let servers = try await MailServers()
        let server = MailServer(host: "127.0.0.1", port: servers.plain, security: .none)
        try await server.take(Self.mail(subject: subject))
        let mail = try #require(try servers.mails().first)
        let line = subject.split(whereSeparator: \.isNewline).joined(separator: " ")
        #expect(mail.subject.prefix(390) == line.prefix(390))
        #expect(Self.lines(mail.text) == ["All is well.", ""] && mail.to == ["ops@example.org"])
        #expect(!mail.headers.contains { $0[0] == "Bcc" } && mail.headers.count == 9, "\(mail.headers)")
        #expect(mail.defects == [] && mail.longest <= 998)
    }

    @Test func loginAndTLSOfBothKinds() async throws {
        let servers = try await MailServers()
        for (port, security) in [(servers.startTLS, MailServer.Security.startTLS), (servers.tls, .tls)] {
            let server = MailServer(
                host: "127.0.0.1", port: port, security: security,
                login: (user: MailServers.user, password: MailServers.password), authorities: servers.authority)
            try await server.take(Self.mail())
        }
        let mails = try servers.mails()
        #expect(mails.map(\.connection) == ["STARTTLS", "TLS"])
        #expect(mails.allSatisfy { $0.tls && $0.user == MailServers.user })
    }

    @Test func wrongPasswordsAreToldAndNotTriedAgain() async throws {
        let servers = try await MailServers()
        let server = MailServer(
            host: "127.0.0.1", port: servers.startTLS, security: .startTLS,
            login: (user: MailServers.user, password: "some-other-word"), authorities: servers.authority)
        let error = try #require(await Self.failure(server))
        #expect(!error.isTransient)
        #expect(error.message.contains("refuses the login") && error.message.contains("Check `user`"), "\(error)")
        #expect(!error.message.contains("some-other-word"))
        #expect(try servers.mails().isEmpty)
    }

    @Test func certificatesOfNobodyAreNotTrusted() async throws {
        let servers = try await MailServers()
        for (port, security) in [(servers.startTLS, MailServer.Security.startTLS), (servers.tls, .tls)] {
            let error = try #require(
                await Self.failure(
                    MailServer(
                        host: "127.0.0.1", port: port, security: security,
                        login: (user: MailServers.user, password: MailServers.password))))
            #expect(!error.isTransient && error.message.contains("`ca_file`"), "\(error)")
        }
        #expect(try servers.mails().isEmpty)
    }

    @Test func withoutTheTLSThatIsAskedForNothingIsSent() async throws {
        let servers = try await MailServers()
        let error = try #require(
            await Self.failure(
                MailServer(
                    host: "127.0.0.1", port: servers.plain, security: .startTLS,
                    login: (user: MailServers.user, password: MailServers.password))))
        #expect(!error.isTransient && error.message.contains("offers no STARTTLS"), "\(error)")
        #expect(try servers.mails().isEmpty)
    }

    @Test func refusalsForGoodAreToldFromThoseForTheMoment() async throws {
        let servers = try await MailServers()
        let server = MailServer(host: "127.0.0.1", port: servers.plain, security: .none)
        let good = try #require(await Self.failure(server, Self.mail(to: ["ops@example.org", "nobody@example.org"])))
        #expect(!good.isTransient && good.message.contains("550 nobody of that name is here"), "\(good)")
        let moment = try #require(await Self.failure(server, Self.mail(to: ["busy@example.org"])))
        #expect(moment.isTransient && moment.message.contains("451 come again later"), "\(moment)")
        #expect(try servers.mails().isEmpty)
    }

    @Test func serversThatAreAwayOrSilentAreGivenUpInTime() async throws {
        let servers = try await MailServers()
        let away = try #require(await Self.failure(MailServer(host: "127.0.0.1", port: 1, security: .none)))
        #expect(away.isTransient && away.message.contains("127.0.0.1:1 cannot be reached"), "\(away)")
        let clock = ContinuousClock()
        let silent = MailServer(
            host: "127.0.0.1", port: servers.silent, security: .none, patience: .milliseconds(600))
        let time = try await clock.measure {
            let error = try #require(await Self.failure(silent))
            #expect(error.isTransient, "\(error)")
        }
        #expect(time > .milliseconds(200) && time < .seconds(15))
        let patient = MailServer(host: "127.0.0.1", port: servers.silent, security: .tls, patience: .seconds(60))
        let cancelled = await clock.measure {
            let task = Task { await Self.failure(patient) }
            try? await Task.sleep(for: .milliseconds(200))
            task.cancel()
            #expect(await task.value?.isTransient == true)
        }
        #expect(cancelled < .seconds(20))
    }
}
