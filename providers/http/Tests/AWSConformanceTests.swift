import HTTPTransport
import PlumbModel
import ProviderAPI
import ProviderTesting
import Testing
import ThrowawayServers

/// The types of `apis/aws_s3.yaml` and `apis/aws_sqs.yaml` against moto, which plays AWS.
@Suite(
    .serialized, .timeLimit(.minutes(10)),
    .enabled(if: ThrowawayServer.moto.isExpected, "moto is not installed"))
struct AWSConformanceTests {
    static let s3: TestedAPI = TestedAPI(name: "aws_s3", server: { try await server("s3") })
    static let sqs: TestedAPI = TestedAPI(name: "aws_sqs", server: { try await server("sqs") })

    static let buckets: ProviderConformance = s3.conformance(
        "aws_s3_bucket",
        declared: {
            ["bucket": .string("b-\($0)"), "versioning": true, "tags": ["team": "web & <mail>", "tier": "1"]]
        },
        inPlace: { ["bucket": .string("b-\($0)"), "tags": ["team": "db"]] },
        replacement: { ["bucket": .string("b-\($0)-other")] },
        drifts: [
            Drift("somebody removes the tags") {
                try await s3.demand("DELETE", "/\($0.text("bucket"))?tagging")
            },
            Drift("somebody deletes it") { try await s3.demand("DELETE", "/\($0.text("bucket"))") },
        ],
        place: { "/\($0.text("bucket"))?location" }, importID: { $0.text("bucket") })

    static let policies: ProviderConformance = s3.conformance(
        "aws_s3_bucket_policy",
        declared: { _ in ["bucket": "shared-bucket", "policy": #"{"Version": "2012-10-17", "Statement": []}"#] },
        inPlace: { _ in
            ["bucket": "shared-bucket", "policy": #"{"Statement": [{"Effect": "Deny"}], "Version": "2012-10-17"}"#]
        },
        replacement: { _ in ["bucket": "other-bucket", "policy": #"{"Version": "2012-10-17", "Statement": []}"#] },
        drifts: [
            Drift("somebody removes it") { try await s3.demand("DELETE", "/\($0.text("bucket"))?policy") }
        ],
        place: { "/\($0.text("bucket"))?policy" }, importID: { $0.text("bucket") })

    static let queues: ProviderConformance = sqs.conformance(
        "aws_sqs_queue",
        declared: {
            ["name": .string($0), "visibility_timeout_seconds": 60, "tags": ["team": "web", "tier": "1"]]
        },
        inPlace: {
            [
                "name": .string($0), "delay_seconds": 5, "max_message_size": 2048, "tags": ["team": "db"],
                "policy": .string(sendPolicy),
            ]
        },
        replacement: {
            ["name": .string("\($0).fifo"), "fifo_queue": true, "content_based_deduplication": true]
        },
        drifts: [
            Drift("somebody changes an attribute") { state in
                try await askQueue("SetQueueAttributes", state, ["Attributes": ["VisibilityTimeout": "7"]])
            },
            Drift("somebody removes a tag") { try await askQueue("UntagQueue", $0, ["TagKeys": ["team"]]) },
        ],
        exists: { state in
            try await askQueue("GetQueueAttributes", state, ["AttributeNames": ["All"]], isDemanded: false) == 200
        },
        importID: { $0.text("name") },
        // A request that reads is a POST like one that changes.
        faultyRequest: "POST / X-Amz-Target: AmazonSQS.CreateQueue")

    private static let sendPolicy =
        #"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "#
        + #""Resource": "*"}]}"#

    @Test(arguments: buckets.checks) func bucket(_ check: ConformanceCheck) async throws {
        try await Self.buckets.run(check)
    }

    @Test(arguments: policies.checks) func bucketPolicy(_ check: ConformanceCheck) async throws {
        for bucket in ["shared-bucket", "other-bucket"] {
            try await Self.s3.ask(
                "PUT", "/\(bucket)",
                text: "<CreateBucketConfiguration><LocationConstraint>eu-central-1</LocationConstraint>"
                    + "</CreateBucketConfiguration>", ["Content-Type": "application/xml"])
        }
        try await Self.policies.run(check)
    }

    @Test(arguments: queues.checks) func queue(_ check: ConformanceCheck) async throws {
        try await Self.queues.run(check)
    }

    private static func server(_ service: String) async throws -> TestedAPI.Server {
        let environment = try await ThrowawayServer.moto.environment()
        let region = environment["AWS_REGION"] ?? ""
        let variables: ValueMap = [
            "region": .string(region), "access_key_id": .string(environment["AWS_ACCESS_KEY_ID"] ?? ""),
        ]
        // moto looks only for what is asked.
        let credential = "Credential=test/20260101/\(region)/\(service)/aws4_request, SignedHeaders=host, Signature=x"
        return TestedAPI.Server(
            url: environment["AWS_ENDPOINT_URL"] ?? "", headers: ["Authorization": "AWS4-HMAC-SHA256 \(credential)"],
            key: environment["AWS_SECRET_ACCESS_KEY"], settings: [("variables", .object(variables))])
    }

    @discardableResult
    private static func askQueue(
        _ action: String, _ state: ResourceState, _ more: [String: Value], isDemanded: Bool = true
    ) async throws -> Int {
        var body = ValueMap([("QueueUrl", .string(state.text("url")))])
        for (name, value) in more { body[name] = value }
        let answer = try await sqs.ask(
            "POST", "/", .object(body),
            ["X-Amz-Target": "AmazonSQS.\(action)", "Content-Type": "application/x-amz-json-1.0"])
        if isDemanded { try #require(answer.status == 200, "\(answer.body.json)") }
        return answer.status
    }
}
