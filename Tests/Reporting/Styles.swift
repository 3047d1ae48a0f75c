import Reporting

extension TerminalStyle {
    static let narrow = TerminalStyle(usesColor: false, width: 80, isInteractive: true)
    static let wide = TerminalStyle(usesColor: false, width: 200, isInteractive: true)
    static let coloured = TerminalStyle(usesColor: true, width: 80, isInteractive: true)
}
