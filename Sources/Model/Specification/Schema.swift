/// What a resource type's values look like, and how its attributes behave when they change.
public struct Schema: Sendable {
    /// Out of line: every one of very many declarations has a schema, and few schemas are all there are.
    private final class Content: Sendable {
        let attributes: [AttributeSchema]
        let derivedAttributes: [AttributeSchema]
        let hasSecrets: Bool
        let hasWriteOnly: Bool
        let objectType: ValueType
        let index: [String: Int]
        let markingSecrets: (@Sendable (ValueMap) -> ValueMap)?

        init(_ attributes: [AttributeSchema], _ markingSecrets: (@Sendable (ValueMap) -> ValueMap)?) {
            self.attributes = attributes
            self.markingSecrets = markingSecrets
            derivedAttributes = attributes.filter { !$0.derivedFrom.isEmpty }
            hasSecrets = attributes.contains(where: \.isSensitive)
            hasWriteOnly = attributes.contains(where: \.isWriteOnly)
            index = Dictionary(attributes.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
            objectType = .object(
                attributes.map { ValueType.ObjectAttribute($0.name, $0.type) }.sorted { $0.name < $1.name })
        }
    }

    private let content: Content

    /// - Parameter markingSecrets: marks parts of attributes of which only the values themselves tell that they are secret.
    public init(_ attributes: [AttributeSchema], markingSecrets: (@Sendable (ValueMap) -> ValueMap)? = nil) {
        content = Content(attributes, markingSecrets)
    }

    /// The values with what is secret by their own word marked; of the spec as well as of the system.
    public func markingSecretParts(_ values: Value) -> Value {
        guard let marking = content.markingSecrets, let map = values.asMap else { return values }
        return Value(.map(marking(map), .object), isSensitive: values.isSensitive)
    }

    /// In the order in which the provider lists them.
    public var attributes: [AttributeSchema] { content.attributes }
    /// The type of a whole resource: what `type.name` evaluates to.
    public var objectType: ValueType { content.objectType }
    /// The attributes that are as secret as others, from which they are made.
    var derivedAttributes: [AttributeSchema] { content.derivedAttributes }

    /// Whether any attribute is secret by itself.
    var hasSecrets: Bool { content.hasSecrets }

    /// Whether any attribute is one whose value is kept nowhere.
    public var hasWriteOnly: Bool { content.hasWriteOnly }

    public subscript(name: String) -> AttributeSchema? { content.index[name].map { attributes[$0] } }
}

/// One attribute of a resource type.
public struct AttributeSchema: Sendable {
    public enum Presence: Sendable {
        /// The spec must give it.
        case required
        /// The spec may give it; absent is null, or `defaultValue`.
        case optional
        /// The spec may give it; absent, the provider decides.
        case optionalComputed
        /// Only the provider gives it.
        case computed
    }

    public let name: String
    public let type: ValueType
    public let presence: Presence
    /// Given where the spec gives nothing (for `optional`).
    public let defaultValue: Value?
    /// A change of it cannot be made in place.
    public let forcesReplacement: Bool
    public let isSensitive: Bool
    /// Whether the provider may give what the spec leaves out inside of it (an object's field): such a null stays unknown.
    public let isFilledInside: Bool
    /// The spec gives it, and it is kept nowhere: neither in plans nor in the state, not even sealed. It is sensitive, may be
    /// made of ephemeral values, and is null for whoever reads it. A change of it is noticed by its fingerprint.
    public let isWriteOnly: Bool
    /// For computed attributes: any update may change it, so a plan that updates cannot know it.
    public let isVolatile: Bool
    /// For computed attributes: the names of attributes whose content could be guessed from this one (a digest of them,
    /// a text with one of them in it). It is sensitive when one of them is.
    public let derivedFrom: [String]
    /// Which differences in writing are none (case, order, a trailing dot).
    public let normalisation: Normalisation?
    /// For computed attributes: the attribute whose value this one gives back. It is as secret as that one, even while it
    /// is unknown.
    public let mirroredAttribute: String?
    /// One sentence for `plumb schema` and for diagnostics.
    public let summary: String

    public init(
        _ name: String, _ type: ValueType, _ presence: Presence, default defaultValue: Value? = nil,
        forcesReplacement: Bool = false, sensitive: Bool = false, writeOnly: Bool = false,
        filledInside: Bool = false, volatile: Bool = false,
        derivedFrom: [String] = [],
        normalisation: Normalisation? = nil, mirroring mirroredAttribute: String? = nil, _ summary: String = ""
    ) {
        self.name = name
        self.type = type
        self.presence = presence
        self.defaultValue = defaultValue
        self.forcesReplacement = forcesReplacement
        self.isSensitive = sensitive || writeOnly
        self.isWriteOnly = writeOnly
        isFilledInside = filledInside
        self.isVolatile = volatile
        self.derivedFrom = derivedFrom
        self.normalisation = normalisation
        self.mirroredAttribute = mirroredAttribute
        self.summary = summary
    }

    public var isComputed: Bool { presence == .computed || presence == .optionalComputed }
    public var isSettable: Bool { presence != .computed }
}

/// A rule by which two values of an attribute count as the same. It compares; it never rewrites what is stored.
public struct Normalisation: Sendable {
    public let name: String
    public let canonical: @Sendable (Value) -> Value

    public init(_ name: String, canonical: @escaping @Sendable (Value) -> Value) {
        self.name = name
        self.canonical = canonical
    }

    public func areSame(_ left: Value, _ right: Value) -> Bool {
        canonical(left.deeplyUnmarked) == canonical(right.deeplyUnmarked)
    }
}
