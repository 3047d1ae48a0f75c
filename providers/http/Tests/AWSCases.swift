import Testing

/// A request and the signature that it must get.
struct AWSCase: Sendable, CustomTestStringConvertible {
    /// Whose name, secret and hour it is signed with.
    enum Signer: Sendable {
        /// Those of AWS's test suite.
        case suite
        /// Those of the examples in S3's reference.
        case documented
    }

    let name: String
    let method: String
    let url: String
    let headers: [(String, String)]
    let body: String
    let service: String
    let region: String
    let token: String?
    let signer: Signer
    let signature: String
    var testDescription: String { name }

    init(
        _ name: String, _ method: String, _ url: String, headers: [(String, String)] = [], body: String = "",
        service: String = "service", region: String = "us-east-1", token: String? = nil, signer: Signer = .suite,
        signature: String
    ) {
        self.name = name
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.service = service
        self.region = region
        self.token = token
        self.signer = signer
        self.signature = signature
    }

    /// Published: in the signature's test suite, and in S3's reference.
    static let published = [
        AWSCase(
            "get-vanilla", "GET", "https://example.amazonaws.com/",
            signature: "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"),
        AWSCase(
            "post-vanilla", "POST", "https://example.amazonaws.com/",
            signature: "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"),
        AWSCase(
            "get-vanilla-query-order-key-case", "GET", "https://example.amazonaws.com/?Param2=value2&Param1=value1",
            signature: "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"),
        AWSCase(
            "post-header-key-sort", "POST", "https://example.amazonaws.com/", headers: [("My-Header1", "value1")],
            signature: "c5410059b04c1ee005303aed430f6e6645f61f4dc9e1461ec8f8916fdf18852c"),
        AWSCase(
            "get-vanilla-with-session-token", "GET", "https://example.amazonaws.com/",
            token: "6e86291e8372ff2a2260956d9b8aae1d763fbf315fa00fa31553b73ebf194267",
            signature: "07ec1639c89043aa0e3e2de82b96708f198cceab042d4a97044c66dd9f74e7f8"),
        AWSCase(
            "get-vanilla-utf8-query", "GET", "https://example.amazonaws.com/?%E1%88%B4=bar",
            signature: "2cdec8eed098649ff3a119c94853b13c643bcf08f8b0a1d91e12c9027818dd04"),
        AWSCase(
            "get-unreserved", "GET",
            "https://example.amazonaws.com/-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
            signature: "07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f"),
        AWSCase(
            "S3: GET with a range", "GET", "https://examplebucket.s3.amazonaws.com/test.txt",
            headers: [("Range", "bytes=0-9")], service: "s3", signer: .documented,
            signature: "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"),
        AWSCase(
            "S3: PUT of test$file.text", "PUT", "https://examplebucket.s3.amazonaws.com/test%24file.text",
            headers: [("Date", "Fri, 24 May 2013 00:00:00 GMT"), ("x-amz-storage-class", "REDUCED_REDUNDANCY")],
            body: "Welcome to Amazon S3.", service: "s3", signer: .documented,
            signature: "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd"),
        AWSCase(
            "S3: GET of the lifecycle", "GET", "https://examplebucket.s3.amazonaws.com/?lifecycle", service: "s3",
            signer: .documented, signature: "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"),
        AWSCase(
            "S3: list", "GET", "https://examplebucket.s3.amazonaws.com/?max-keys=2&prefix=J", service: "s3",
            signer: .documented, signature: "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"),
    ]

    /// What botocore 1.43 answers.
    static let recorded = [
        AWSCase(
            "an escaped path is escaped once more", "GET", "https://example.amazonaws.com/a%20b/%E1%88%B4/c%2Fd",
            signature: "ff120b8b6cfb29bd1c3a3f3c7b089e868db895d115a33bd44109da9081d54be3"),
        AWSCase(
            "but not for S3", "GET", "https://example.amazonaws.com/a%20b/%E1%88%B4/c%2Fd", service: "s3",
            signature: "c942d7fd3713cc03c820f222ede6f5c8814a5dbf0fe0ffecea2e88a204cfa874"),
        AWSCase(
            "dots and slashes are taken out", "GET", "https://example.amazonaws.com/a/./b//c/../d/",
            signature: "fc87438582477f9ca8c8209b32704e0e9f5b46786f0101a26c46e85478a0f14f"),
        AWSCase(
            "but not for S3, again", "GET", "https://example.amazonaws.com/a//b/", service: "s3",
            signature: "58f02477ea34b1c6a855435e3284f1868a485fd249987d29b3d9ef71db775de2"),
        AWSCase(
            "spaces in headers", "GET", "https://example.amazonaws.com/",
            headers: [("My-Header1", "  a   b  c "), ("My-Header2", "\"x   y\"")],
            signature: "1ea99e6ef5f862ef4b2843e5f11c77cf552a708ef57950de185bdd9b38703adf"),
        AWSCase(
            "a form", "POST", "https://example.amazonaws.com/",
            headers: [("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")],
            body: "Action=ListUsers&Version=2010-05-08", service: "iam",
            signature: "31cbb05f040e712a07c12301dbf66ed32301313c4b54d8fe48a772aef4a2e4a4"),
        AWSCase(
            "JSON with a target", "POST", "https://sqs.eu-central-1.amazonaws.com/",
            headers: [("Content-Type", "application/x-amz-json-1.0"), ("X-Amz-Target", "AmazonSQS.CreateQueue")],
            body: "{\"QueueName\": \"q-ä\"}", service: "sqs", region: "eu-central-1",
            signature: "41c62522b290ec515ce3626aef5498bf925a1a1fb007cb08afc12c7b08f8bf97"),
        AWSCase(
            "a port", "GET", "http://127.0.0.1:4566/bucket?list-type=2&prefix=a%2Fb", service: "s3",
            signature: "897911f211fdd5a634c5c75dcea36201d59aa953d5c3f5c79654e80df7f0bce2"),
        AWSCase(
            "the scheme's own port", "GET", "https://EXAMPLE.amazonaws.com:443/x", service: "s3",
            signature: "d74051b1aa8a46fa6b7799ef4d30ba175bcfeb0fcd58e5f2a617f9ee90f9009b"),
        AWSCase(
            "a session for S3", "PUT", "https://examplebucket.s3.amazonaws.com/k",
            headers: [("Content-Type", "text/plain")], body: "hello", service: "s3", token: "a/session+token==",
            signature: "99c162c18eab4f0a1955db5c416399fbff44e5aa70d70fa7342ac849ac292195"),
        AWSCase(
            "equal names", "GET", "https://example.amazonaws.com/?b=2&a=2&b=1&a=1&c&d=",
            signature: "7d796fddd4aa4afd4c910d47a837cb43eba83e16fca2744b1b53d9b4c3b39590"),
        AWSCase(
            "headers that are not signed", "GET", "https://example.amazonaws.com/",
            headers: [("User-Agent", "me"), ("Connection", "close"), ("Accept", "*/*")],
            signature: "9482d1f3dc8319be9516b0626d90d6a51071f64f631db6e36b57f60c14f6c3c3"),
    ]
}
