"""Judges Markdown that a program has made of strangers' texts, by the parser that GitHub uses.

    python markdown-judge.py FILE...        prints what is wrong, a line each; exit code 1 where anything is
    python markdown-judge.py --html FILE    prints the page that the file becomes

Whatever a stranger has chosen must stand in code: forges look for mentions, issues and commits everywhere else. The texts
that the tests take for strangers' all contain the word STRANGER.
"""
import re
import sys
from html.parser import HTMLParser

import cmarkgfm
from cmarkgfm.cmark import Options

ALLOWED = {"h2", "h3", "p", "strong", "code", "pre", "details", "summary", "ul", "li", "blockquote", "hr", "a"}
LINKS = "https://plans.example/"
SUSPICIOUS = re.compile(r"@\w|#\d|https?://|www\.|\b[0-9a-f]{40}\b|STRANGER|[`\[\]]|<|>|\*\*")
UNSEEN = re.compile("[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")


def page(text):
    options = Options.CMARK_OPT_UNSAFE | Options.CMARK_OPT_GITHUB_PRE_LANG | Options.CMARK_OPT_FOOTNOTES
    return cmarkgfm.github_flavored_markdown_to_html(text, options)


class Judge(HTMLParser):
    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.open = []
        self.problems = []
        self.comments = 0

    def handle_starttag(self, tag, attributes):
        if tag not in ALLOWED:
            self.problems.append(f"the element {tag}")
        for name, value in attributes:
            link = tag == "a" and name == "href" and (value or "").startswith(LINKS)
            if not link and not (tag == "pre" and name == "lang"):
                self.problems.append(f"the attribute {name}={value!r} of {tag}")
        if tag != "hr":
            self.open.append(tag)

    def handle_endtag(self, tag):
        if tag == "hr":
            return
        if not self.open or self.open[-1] != tag:
            self.problems.append(f"{tag} ends within {self.open}")
        else:
            self.open.pop()

    def handle_comment(self, data):
        self.comments += 1
        if not data.startswith(" plumbline:pull-request:"):
            self.problems.append(f"the comment {data!r}")

    def handle_data(self, data):
        if UNSEEN.search(data):
            self.problems.append(f"characters that cannot be seen in {data[:200]!r}")
        if not {"code", "pre"} & set(self.open):
            found = SUSPICIOUS.search(data)
            if found:
                self.problems.append(f"{found.group()!r} outside of code: {data[:200]!r}")


def judge(text):
    it = Judge()
    it.feed(page(text))
    it.close()
    if it.open:
        it.problems.append(f"not ended: {it.open}")
    if it.comments != 1:
        it.problems.append(f"{it.comments} markers")
    return it.problems


if sys.argv[1:2] == ["--html"]:
    print(page(open(sys.argv[2], encoding="utf-8").read()))
    sys.exit(0)
wrong = False
for name in sys.argv[1:]:
    for problem in judge(open(name, encoding="utf-8").read()):
        wrong = True
        print(f"{name}: {problem}")
sys.exit(1 if wrong else 0)
