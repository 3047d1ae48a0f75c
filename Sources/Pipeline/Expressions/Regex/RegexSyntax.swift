/// A regular expression as it is written (RE2's syntax), before it is turned into a program.
indirect enum RegexNode {
    case empty
    case character(CharacterClass)
    case sequence([RegexNode])
    case alternatives([RegexNode])
    case repetition(RegexNode, least: Int, most: Int?, isGreedy: Bool)
    /// The group's number, from 1.
    case capture(RegexNode, Int)
    case assertion(RegexAssertion)
}

/// A condition on a place between two characters.
enum RegexAssertion {
    case textStart, textEnd, lineStart, lineEnd, wordBoundary, noWordBoundary
}

/// A set of characters: `[a-z\d]`, `.`, `\p{Lu}`.
struct CharacterClass {
    enum Item {
        case range(UInt32, UInt32)
        /// A general category of Unicode, by its one or two letters.
        case category(String, isNegated: Bool)
        /// Everything outside these ranges: `\D` inside brackets.
        case outside([(UInt32, UInt32)])
    }

    var items: [Item]
    var isNegated = false
    var ignoresCase = false

    init(_ items: [Item]) { self.items = items }

    func contains(_ scalar: Unicode.Scalar) -> Bool {
        var found = holds(scalar)
        if !found, ignoresCase {
            found = [scalar.properties.lowercaseMapping, scalar.properties.uppercaseMapping].contains { mapping in
                let scalars = mapping.unicodeScalars
                return scalars.count == 1 && scalars.first.map(holds) == true
            }
        }
        return found != isNegated
    }

    private func holds(_ scalar: Unicode.Scalar) -> Bool {
        items.contains { item in
            switch item {
            case .range(let low, let high): return low <= scalar.value && scalar.value <= high
            case .category(let name, let isNegated):
                return CharacterClass.abbreviation(scalar.properties.generalCategory).hasPrefix(name) != isNegated
            case .outside(let ranges): return !ranges.contains { $0.0 <= scalar.value && scalar.value <= $0.1 }
            }
        }
    }

    static let digits: [(UInt32, UInt32)] = [(0x30, 0x39)]
    static let spaces: [(UInt32, UInt32)] = [(0x09, 0x0A), (0x0C, 0x0D), (0x20, 0x20)]
    static let words: [(UInt32, UInt32)] = [(0x30, 0x39), (0x41, 0x5A), (0x5F, 0x5F), (0x61, 0x7A)]

    static func isWord(_ scalar: Unicode.Scalar) -> Bool {
        words.contains { $0.0 <= scalar.value && scalar.value <= $0.1 }
    }

    /// The POSIX classes inside brackets: `[:alpha:]`.
    static let named: [String: [(UInt32, UInt32)]] = [
        "alnum": [(0x30, 0x39), (0x41, 0x5A), (0x61, 0x7A)], "alpha": [(0x41, 0x5A), (0x61, 0x7A)],
        "ascii": [(0x00, 0x7F)], "blank": [(0x09, 0x09), (0x20, 0x20)], "cntrl": [(0x00, 0x1F), (0x7F, 0x7F)],
        "digit": digits, "graph": [(0x21, 0x7E)], "lower": [(0x61, 0x7A)], "print": [(0x20, 0x7E)],
        "punct": [(0x21, 0x2F), (0x3A, 0x40), (0x5B, 0x60), (0x7B, 0x7E)], "space": [(0x09, 0x0D), (0x20, 0x20)],
        "upper": [(0x41, 0x5A)], "word": words, "xdigit": [(0x30, 0x39), (0x41, 0x46), (0x61, 0x66)],
    ]

    static let categories: Set<String> = [
        "L", "Lu", "Ll", "Lt", "Lm", "Lo", "M", "Mn", "Mc", "Me", "N", "Nd", "Nl", "No", "P", "Pc", "Pd", "Ps", "Pe",
        "Pi", "Pf", "Po", "S", "Sm", "Sc", "Sk", "So", "Z", "Zs", "Zl", "Zp", "C", "Cc", "Cf", "Cs", "Co",
    ]

    private static func abbreviation(_ category: Unicode.GeneralCategory) -> String {
        switch category {
        case .uppercaseLetter: "Lu"
        case .lowercaseLetter: "Ll"
        case .titlecaseLetter: "Lt"
        case .modifierLetter: "Lm"
        case .otherLetter: "Lo"
        case .nonspacingMark: "Mn"
        case .spacingMark: "Mc"
        case .enclosingMark: "Me"
        case .decimalNumber: "Nd"
        case .letterNumber: "Nl"
        case .otherNumber: "No"
        case .connectorPunctuation: "Pc"
        case .dashPunctuation: "Pd"
        case .openPunctuation: "Ps"
        case .closePunctuation: "Pe"
        case .initialPunctuation: "Pi"
        case .finalPunctuation: "Pf"
        case .otherPunctuation: "Po"
        case .mathSymbol: "Sm"
        case .currencySymbol: "Sc"
        case .modifierSymbol: "Sk"
        case .otherSymbol: "So"
        case .spaceSeparator: "Zs"
        case .lineSeparator: "Zl"
        case .paragraphSeparator: "Zp"
        case .control: "Cc"
        case .format: "Cf"
        case .surrogate: "Cs"
        case .privateUse: "Co"
        default: "Cn"
        }
    }
}
