/// The specs as programs that judge plans see them: what is declared, and what each expression is made from.
public struct PlanConfiguration: Sendable, Codable {
    public struct Provider: Sendable, Codable, Hashable {
        /// The instance: `builtin`, `http.dns`.
        public let key: String

        public init(key: String) { self.key = key }
    }

    /// What an attribute, output or input is computed from.
    public struct Expression: Sendable, Codable {
        /// Its value where it is written out; nil where it has to be computed.
        public var constant: Value?
        /// What it refers to, the longest spelling first: `var.net.cidr`, `var.net`.
        public let references: [String]

        public init(constant: Value? = nil, references: [String] = []) {
            self.constant = constant
            self.references = references
        }
    }

    public struct NamedExpression: Sendable, Codable {
        public let name: String
        public var expression: Expression

        public init(name: String, expression: Expression) {
            self.name = name
            self.expression = expression
        }
    }

    public struct Resource: Sendable, Codable {
        /// As its module knows it: without the module's own path, and without a key.
        public let address: ResourceAddress
        /// The provider instance.
        public let provider: String
        /// By attribute.
        public var expressions: [NamedExpression]
        public var count: Expression?
        public var forEach: Expression?
        /// Addresses, as its module knows them.
        public var dependsOn: [String]

        public init(address: ResourceAddress, provider: String, expressions: [NamedExpression]) {
            self.address = address
            self.provider = provider
            self.expressions = expressions
            dependsOn = []
        }
    }

    public struct Output: Sendable, Codable {
        public let name: String
        public var expression: Expression
        public let isSensitive: Bool
        public let summary: String?

        public init(name: String, expression: Expression, isSensitive: Bool, summary: String?) {
            self.name = name
            self.expression = expression
            self.isSensitive = isSensitive
            self.summary = summary
        }
    }

    public struct Variable: Sendable, Codable {
        public let name: String
        public var defaultValue: Value?
        public let isSensitive: Bool
        public let summary: String?

        public init(name: String, defaultValue: Value?, isSensitive: Bool, summary: String?) {
            self.name = name
            self.defaultValue = defaultValue
            self.isSensitive = isSensitive
            self.summary = summary
        }
    }

    public struct ModuleCall: Sendable, Codable {
        public let name: String
        /// As it is written.
        public let source: String
        public var inputs: [NamedExpression]
        public var count: Expression?
        public var forEach: Expression?
        public var dependsOn: [String]
        public var module: Module

        public init(name: String, source: String, inputs: [NamedExpression], module: Module) {
            self.name = name
            self.source = source
            self.inputs = inputs
            self.module = module
            dependsOn = []
        }
    }

    /// The stack itself, or a module that is called.
    public struct Module: Sendable, Codable {
        public var resources: [Resource] = []
        public var outputs: [Output] = []
        public var variables: [Variable] = []
        public var calls: [ModuleCall] = []

        public init() {}
    }

    public var providers: [Provider]
    public var root: Module

    public init(providers: [Provider] = [], root: Module = Module()) {
        self.providers = providers
        self.root = root
    }
}

extension PlanConfiguration {
    /// The declaration of an instance; nil where it is not declared any more.
    public func resource(at address: ResourceAddress) -> Resource? {
        module(at: address.module)?.resources.first {
            $0.address.mode == address.mode && $0.address.type == address.type && $0.address.name == address.name
        }
    }

    /// What the module at a path declares; nil where nothing calls it any more.
    public func module(at path: [ResourceAddress.ModuleStep]) -> Module? {
        var module = root
        for step in path {
            guard let call = module.calls.first(where: { $0.name == step.name }) else { return nil }
            module = call.module
        }
        return module
    }

    /// With every value in it transformed.
    public func mapValues<E: Error>(_ transform: (Value) throws(E) -> Value) throws(E) -> PlanConfiguration {
        var copy = self
        try copy.root.transformValues(transform)
        return copy
    }
}

extension PlanConfiguration.Module {
    fileprivate mutating func transformValues<E: Error>(_ transform: (Value) throws(E) -> Value) throws(E) {
        for index in resources.indices {
            for attribute in resources[index].expressions.indices {
                try resources[index].expressions[attribute].expression.transformValues(transform)
            }
            try resources[index].count?.transformValues(transform)
            try resources[index].forEach?.transformValues(transform)
        }
        for index in outputs.indices { try outputs[index].expression.transformValues(transform) }
        for index in variables.indices {
            if let value = variables[index].defaultValue { variables[index].defaultValue = try transform(value) }
        }
        for index in calls.indices {
            for input in calls[index].inputs.indices {
                try calls[index].inputs[input].expression.transformValues(transform)
            }
            try calls[index].count?.transformValues(transform)
            try calls[index].forEach?.transformValues(transform)
            try calls[index].module.transformValues(transform)
        }
    }
}

extension PlanConfiguration.Expression {
    fileprivate mutating func transformValues<E: Error>(_ transform: (Value) throws(E) -> Value) throws(E) {
        if let value = constant { constant = try transform(value) }
    }
}
