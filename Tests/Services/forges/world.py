"""What is in a repository at a forge, in no forge's shape."""
import datetime
import itertools

START = datetime.datetime(2026, 11, 21, 10, 0, 0, tzinfo=datetime.timezone.utc)
USERS = {"plumb-bot": 1, "ada": 2, "bob": 3, "eve": 4, "plumb-app[bot]": 5}
OURS, APP = "plumb-bot", "plumb-app[bot]"
# Of no repository: names of users by `organisation/team`, in lower case. Tests choose names of their own.
TEAMS = {}


class Missing(Exception):
    """404"""


class Refused(Exception):
    """400 or 422"""


class World:
    def __init__(self, repository, forge):
        self.repository, self.forge = repository, forge
        self.numbers, self.ticks = itertools.count(101), itertools.count(1)
        self.pulls, self.issues, self.comments, self.reactions = {}, {}, {}, {}
        self.statuses, self.runs, self.labels = [], [], {}
        self.permissions = {"ada": "admin", "bob": "write", "plumb-bot": "write"}
        self.ahead, self.is_installed = 0, True
        self.faults, self.seen = [], []
        self.token_lifetime, self.tokens, self.tokens_given = 3600, {}, 0

    def now(self):
        return (START + datetime.timedelta(seconds=10 * next(self.ticks))).strftime("%Y-%m-%dT%H:%M:%SZ")

    def find(self, table, number):
        if int(number) not in table:
            raise Missing()
        return table[int(number)]

    def comment(self, number, who, body):
        now = self.now()
        entry = {"id": next(self.numbers), "on": int(number), "who": who, "body": body, "created": now, "updated": now}
        self.comments[entry["id"]] = entry
        return entry

    def status(self, commit, entry):
        self.statuses.append({"id": next(self.numbers), "commit": commit, "created": self.now(), **entry})
        return self.statuses[-1]

    def issue(self, number, who, title, body):
        now = self.now()
        entry = {"number": number, "id": next(self.numbers), "who": who, "title": title, "body": body,
                 "state": "open", "created": now, "updated": now}
        self.issues[number] = entry
        return entry

    def do(self, asked):
        """What users do, and what tests look at."""
        what = asked.pop("do")
        if what == "pull":
            pull = {"number": 7, "title": "Change it", "who": "bob", "state": "open", "draft": False, "branch": "change",
                    "commit": "a" * 40, "base": "main", "base_commit": "b" * 40, "fork": False, "gone": False, "labels": [],
                    "mergeable": True, "blocked": None, "merge_commit": None, "files": [], "more_files": False,
                    "reviews": [], "versions": [], "association": "CONTRIBUTOR", "first": False, **asked}
            pull["versions"] = [{"id": 1, "commit": pull["commit"], "created": self.now()}]
            self.pulls[pull["number"]] = pull
            return {}
        if what == "review":
            self.pulls[asked["number"]]["reviews"].append({
                "id": next(self.numbers), "who": asked["who"], "state": asked["state"], "created": self.now(),
                "commit": self.pulls[asked["number"]]["commit"], "dismissed": asked.get("dismissed", False)})
            return {}
        if what == "push":
            pull = self.pulls[asked["number"]]
            pull["commit"] = asked["commit"]
            pull["versions"].insert(0, {"id": len(pull["versions"]) + 1, "commit": asked["commit"], "created": self.now()})
            return {}
        if what == "change":
            # What the forge itself does: closes it, merges it.
            self.pulls[asked.pop("number")].update(asked)
            return {}
        if what == "team":
            TEAMS[asked["name"].lower()] = asked["members"]
            return {}
        if what == "settle":
            self.pulls[asked["number"]]["mergeable"] = asked["mergeable"]
            return {}
        if what == "comment":
            comment = self.comment(asked["number"], asked["who"], asked["body"])
            if "edited" in asked:
                comment.update(body=asked["edited"], updated=self.now())
            return {"id": comment["id"]}
        if what == "delete":
            self.comments.pop(asked["id"], None)
            return {}
        if what == "set":
            for key, value in asked.items():
                setattr(self, key, value)
            return {}
        if what == "earlier pull":
            self.issues[asked["number"]] = {**self.issue(asked["number"], asked["who"], "Earlier", ""), "state": "closed",
                                            "merged": asked["merged"]}
            return {}
        if what == "show":
            return {"comments": [{"id": c["id"], "who": c["who"], "body": c["body"], "on": c["on"]} for c in self.comments.values()],
                    "statuses": self.statuses, "runs": self.runs, "reactions": list(self.reactions.values()),
                    "labels": {str(n): p["labels"] for n, p in self.pulls.items()},
                    "issues": list(self.issues.values()), "tokens": self.tokens_given}
        raise ValueError(f"nobody does {what}")
