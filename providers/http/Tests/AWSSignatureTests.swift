import Foundation
import HTTPTransport
import PlumbModel
import Testing
import ThrowawayServers

@testable import HTTPProvider

@Suite(.timeLimit(.minutes(10))) struct AWSSignatureTests {
    @Test(arguments: AWSCase.published + AWSCase.recorded)
    func signaturesAreThoseOfAWS(_ one: AWSCase) throws {
        #expect(try authorization(one)?.hasSuffix("Signature=\(one.signature)") == true)
    }

    /// Not only what was recorded: also what the installed version says, with what varies from run to run.
    @Test(.enabled(if: BotocoreSigner.isThere, "botocore is not installed"))
    func signaturesAreThoseOfBotocore() throws {
        // A `Date` of ours it replaces with its own.
        var cases = (AWSCase.published + AWSCase.recorded).filter { !$0.headers.contains { $0.0 == "Date" } }
        for index in 0..<200 {
            let text = String((0..<Int.random(in: 1...12)).compactMap { _ in "aZ09-._~/ +%=&?äሴ😀".randomElement() })
            let name = URLText.escaped(text)
            let service = index.isMultiple(of: 2) ? "s3" : "dynamodb"
            cases.append(
                AWSCase(
                    "random \(text)", "PUT", "https://h\(index).example.com/\(name)/x?\(name)=\(name)&a=\(index)",
                    headers: [("X-Amz-Meta-\(index)", " \(index)  a ")], body: text, service: service, signature: ""))
        }
        let answers = try BotocoreSigner.sign(cases)
        #expect(answers.count == cases.count)
        for (one, answer) in zip(cases, answers) { #expect(try authorization(one) == answer, "\(one.name)") }
    }

    @Test func whatGoesAlongIsInTheRequest() throws {
        var request = HTTPRequest("PUT", "https://b.s3.amazonaws.com/k", body: Array("hello".utf8))
        try signature(AWSCase("", "", "", service: "s3", token: "the-session", signature: "")).sign(&request)
        #expect(request.headers["X-Amz-Date"] == "20150830T123600Z")
        #expect(request.headers["X-Amz-Security-Token"] == "the-session")
        #expect(
            request.headers["X-Amz-Content-SHA256"]
                == "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824")
        #expect(request.secrets.contains("the-session"))
        let stream = RequestBodyStream { AsyncStream<[UInt8]> { $0.finish() } }
        var upload = HTTPRequest("PUT", "https://b.s3.amazonaws.com/k", bodyStream: stream)
        try signature(AWSCase("", "", "", service: "s3", signature: "")).sign(&upload)
        #expect(upload.headers["X-Amz-Content-SHA256"] == "UNSIGNED-PAYLOAD")
        #expect(throws: HTTPError.self) {
            try signature(AWSCase("", "", "", service: "sqs", signature: "")).sign(&upload)
        }
    }

    @Test func credentialsComeFromTheEnvironmentOrAProfile() throws {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("aws-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: file) }
        let text = """
            # comment
            [default]
            aws_access_key_id = AKDEFAULT
            aws_secret_access_key=default/secret
            [ work ]
            AWS_ACCESS_KEY_ID=AKWORK
              aws_secret_access_key = work+secret==
            aws_session_token = session

            [empty]
            """
        try Data(text.utf8).write(to: file)
        let shared = ["AWS_SHARED_CREDENTIALS_FILE": file.path]
        let variables = shared.merging(["AWS_ACCESS_KEY_ID": "AKENV", "AWS_SECRET_ACCESS_KEY": "env"]) { $1 }
        let fromVariables = AWSCredentials(accessKey: "AKENV", secretKey: "env", sessionToken: nil)
        let work = AWSCredentials(accessKey: "AKWORK", secretKey: "work+secret==", sessionToken: "session")
        #expect(try AWSEnvironment(variables).credentials(profile: nil).get() == fromVariables)
        #expect(try AWSEnvironment(variables).credentials(profile: "work").get() == work)
        #expect(try AWSEnvironment(shared).credentials(profile: nil).get().accessKey == "AKDEFAULT")
        let named = shared.merging(["AWS_PROFILE": "work"]) { $1 }
        #expect(try AWSEnvironment(named).credentials(profile: nil).get() == work)
        func reason(_ variables: [String: String], _ profile: String?) -> String {
            if case .failure(let missing) = AWSEnvironment(variables).credentials(profile: profile) {
                missing.reason
            } else {
                ""
            }
        }
        #expect(reason(shared, "wrok").hasSuffix("has no profile \"wrok\""))
        #expect(reason(shared, "empty").hasSuffix("has no keys in the profile \"empty\""))
        #expect(reason(["HOME": "/nowhere"], nil).contains("set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"))
    }

    private func signature(_ one: AWSCase) -> AWSSignature {
        AWSSignature(credentials: one.credentials, service: one.service, region: one.region, time: one.time)
    }

    private func authorization(_ one: AWSCase) throws -> String? {
        var request = HTTPRequest(one.method, one.url, headers: HTTPHeaders(one.headers), body: Array(one.body.utf8))
        try signature(one).sign(&request)
        return request.headers["Authorization"]
    }
}

extension AWSCase {
    var credentials: AWSCredentials {
        switch signer {
        case .suite:
            AWSCredentials(
                accessKey: "AKIDEXAMPLE", secretKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", sessionToken: token)
        case .documented:
            AWSCredentials(
                accessKey: "AKIAIOSFODNN7EXAMPLE", secretKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
                sessionToken: token)
        }
    }

    var time: String { signer == .suite ? "20150830T123600Z" : "20130524T000000Z" }
}

/// `Tests/Services/aws-signer`: AWS's own library.
enum BotocoreSigner {
    static let isThere = (try? sign([])) != nil

    static func sign(_ cases: [AWSCase]) throws -> [String] {
        let inputs = cases.map { one -> Value in
            [
                "method": .string(one.method), "url": .string(one.url), "body": .string(one.body),
                "headers": .object(ValueMap(one.headers.map { ($0.0, .string($0.1)) })),
                "service": .string(one.service), "region": .string(one.region), "time": .string(one.time),
                "access_key": .string(one.credentials.accessKey), "secret_key": .string(one.credentials.secretKey),
                "token": one.token.map(Value.string) ?? .null,
            ]
        }
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("aws-\(UUID().uuidString).json")
        defer { try? FileManager.default.removeItem(at: file) }
        try Data(Value.tuple(inputs).json.utf8).write(to: file)
        let signer = try ThrowawayProcess.run(
            ThrowawayServer.services.appendingPathComponent("aws-signer"), input: file)
        return try (Value(json: signer.output).asList ?? []).compactMap(\.asString)
    }
}
