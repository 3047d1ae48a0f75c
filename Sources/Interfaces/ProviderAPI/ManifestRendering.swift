public import PlumbModel

/// A provider instance that makes manifests of what an entry of `manifests:` names: an overlay, a chart.
///
/// It asks no system for that: what it makes depends on the files and the settings alone.
public protocol ManifestRendering: ProviderInstance {
    /// May take its time and block: it is called on a thread that may.
    ///
    /// - Throws: what is wrong with the settings or the files, with places where they are in the specs.
    func render(_ request: RenderingRequest) throws(Diagnostics) -> RenderedManifests
}

/// What is to be made into manifests.
public struct RenderingRequest: Sendable {
    /// The key of the entry that says by what: `kustomize`, `helm`.
    public let tool: String
    /// The name of the entry.
    public let name: String
    /// An object, wholly known, without marks.
    public let settings: Value
    /// Where `settings` stand in the specs, for the places of problems.
    public let place: ValueExpression
    /// The stack's files.
    public let files: any SpecificationSource
    /// The folder of the specs that the entry stands in, relative to the stack: paths start there.
    public let folder: String
    /// What was made of the same content before: the text is to be made into manifests without running anything.
    public let known: [UInt8]?

    public init(
        tool: String, name: String, settings: Value, place: ValueExpression, files: any SpecificationSource,
        folder: String, known: [UInt8]?
    ) {
        self.tool = tool
        self.name = name
        self.settings = settings
        self.place = place
        self.files = files
        self.folder = folder
        self.known = known
    }
}

/// The manifests that a tool has made.
public struct RenderedManifests: Sendable {
    public struct Manifest: Sendable {
        /// `apps/Deployment/shop/web`
        public let key: String
        public let value: Value
        /// What has a lower number is there before it, unless that waits for it by itself: hooks that come first, the
        /// objects, hooks that come last.
        public let phase: Int

        public init(key: String, value: Value, phase: Int) {
            self.key = key
            self.value = value
            self.phase = phase
        }
    }

    public let manifests: [Manifest]
    /// As the tool printed them: what `RenderingRequest.known` gives back.
    public let text: [UInt8]
    public let warnings: Diagnostics

    public init(manifests: [Manifest], text: [UInt8], warnings: Diagnostics) {
        self.manifests = manifests
        self.text = text
        self.warnings = warnings
    }
}
