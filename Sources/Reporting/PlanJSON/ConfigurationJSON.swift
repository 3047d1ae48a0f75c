internal import PlumbModel

/// The part `configuration` of a plan document: what is declared, and what each expression is made from.
struct ConfigurationJSON {
    let configuration: PlanConfiguration
    let pieces: ValuePieces

    func write(to stream: inout JSONStream) {
        stream.object { stream in
            if !configuration.providers.isEmpty {
                stream.object("provider_config") { stream in
                    for provider in configuration.providers { write(provider, to: &stream) }
                }
            }
            stream.name("root_module")
            write(configuration.root, to: &stream)
        }
    }

    private func write(_ provider: PlanConfiguration.Provider, to stream: inout JSONStream) {
        stream.object(provider.key) { stream in
            let type = ProviderNames.type(provider.key)
            stream.member("name", type)
            stream.member("full_name", ProviderNames.full(provider.key))
            if type != provider.key { stream.member("alias", String(provider.key.dropFirst(type.count + 1))) }
        }
    }

    private func write(_ module: PlanConfiguration.Module, to stream: inout JSONStream) {
        stream.object { stream in
            if !module.outputs.isEmpty {
                stream.object("outputs") { stream in for output in module.outputs { write(output, to: &stream) } }
            }
            if !module.resources.isEmpty {
                stream.array("resources", of: module.resources) { write($1, to: &$0) }
            }
            if !module.calls.isEmpty {
                stream.object("module_calls") { stream in for call in module.calls { write(call, to: &stream) } }
            }
            if !module.variables.isEmpty {
                stream.object("variables") { stream in for one in module.variables { write(one, to: &stream) } }
            }
        }
    }

    private func write(_ output: PlanConfiguration.Output, to stream: inout JSONStream) {
        stream.object(output.name) { stream in
            if output.isSensitive { stream.member("sensitive", true) }
            write("expression", output.expression, to: &stream)
            if let summary = output.summary { stream.member("description", summary) }
        }
    }

    private func write(_ variable: PlanConfiguration.Variable, to stream: inout JSONStream) {
        stream.object(variable.name) { stream in
            if let value = variable.defaultValue { stream.member("default", pieces.known(value) ?? .null) }
            if let summary = variable.summary { stream.member("description", summary) }
            if variable.isSensitive { stream.member("sensitive", true) }
        }
    }

    private func write(_ resource: PlanConfiguration.Resource, to stream: inout JSONStream) {
        stream.object { stream in
            stream.member("address", resource.address.description)
            stream.member("mode", resource.address.mode.word)
            stream.member("type", resource.address.type)
            stream.member("name", resource.address.name)
            stream.member("provider_config_key", resource.provider)
            if !resource.expressions.isEmpty {
                stream.object("expressions") { stream in
                    for attribute in resource.expressions { write(attribute.name, attribute.expression, to: &stream) }
                }
            }
            stream.member("schema_version", .number(0))
            writeRepetition(resource.count, resource.forEach, resource.dependsOn, to: &stream)
        }
    }

    private func write(_ call: PlanConfiguration.ModuleCall, to stream: inout JSONStream) {
        stream.object(call.name) { stream in
            stream.member("source", call.source)
            if !call.inputs.isEmpty {
                stream.object("expressions") { stream in
                    for input in call.inputs { write(input.name, input.expression, to: &stream) }
                }
            }
            writeRepetition(call.count, call.forEach, call.dependsOn, to: &stream)
            stream.name("module")
            write(call.module, to: &stream)
        }
    }

    private func writeRepetition(
        _ count: PlanConfiguration.Expression?, _ forEach: PlanConfiguration.Expression?, _ dependsOn: [String],
        to stream: inout JSONStream
    ) {
        // Where there is nothing to say of one, the format leaves it out.
        if let count, !count.isEmpty { write("count_expression", count, to: &stream) }
        if let forEach, !forEach.isEmpty { write("for_each_expression", forEach, to: &stream) }
        if !dependsOn.isEmpty { stream.member("depends_on", dependsOn) }
    }

    private func write(_ name: String, _ expression: PlanConfiguration.Expression, to stream: inout JSONStream) {
        stream.object(name) { stream in
            if let value = expression.constant { stream.member("constant_value", pieces.known(value) ?? .null) }
            if !expression.references.isEmpty { stream.member("references", expression.references) }
        }
    }
}

extension PlanConfiguration.Expression {
    fileprivate var isEmpty: Bool { constant == nil && references.isEmpty }
}
