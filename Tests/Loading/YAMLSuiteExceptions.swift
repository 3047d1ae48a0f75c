/// Cases of the YAML test suite whose expectation we do not meet, each with its reason.
enum YAMLSuiteExceptions {
    enum Reason {
        /// libyaml reads YAML 1.1 and refuses what only 1.2 allows.
        case parserRefuses
        /// libyaml accepts what is not YAML.
        case parserAccepts
        /// libyaml reads another value.
        case parserReadsOtherwise
        /// Keys must be strings: mappings and lists as keys are refused.
        case complexKey
        /// Keys must be strings: an empty key is refused.
        case emptyKey
        /// Only the tags of the core schema are known.
        case tag

        var isOurRule: Bool { self == .complexKey || self == .emptyKey || self == .tag }
    }

    static let reasons: [String: Reason] = {
        var reasons: [String: Reason] = [:]
        for (reason, ids) in lists {
            for id in ids.split(separator: " ") { reasons[String(id)] = reason }
        }
        return reasons
    }()

    private static let lists: [(Reason, String)] = [
        (
            .parserRefuses,
            """
            2JQS 2LFX 4ABK 4MUZ/00 4MUZ/01 58MP 5MUD 6BCT 6CA3 6LVF 6M2F 8XYN 96NN/00 96NN/01 DBG4 \
            DK3J DK95/00 DK95/03 FP8R FRK4 HWV9 K3WX M2N8/00 M7A3 Q5MG QT73 R4YG UT92 W4TN W5VH \
            Y79Y/001
            """
        ),
        (
            .parserAccepts,
            """
            CVW2 EB22 QB6E RHX7 S98Z X4QW Y79Y/003
            """
        ),
        (
            .parserReadsOtherwise,
            """
            L24T/01
            """
        ),
        (
            .complexKey,
            """
            4FJ6 6PBE KK5P LX3P M5DY Q9WF RZP5 SBG9 V9D5 XW4D
            """
        ),
        (
            .emptyKey,
            """
            FH7J
            """
        ),
        (
            .tag,
            """
            565N 5TYM 6CK3 7FWL 9WXW CUP7 J7PZ M5C3 P76L UGM3 Z67P
            """
        ),
    ]
}
