"""GitLab, by python-gitlab: its managers say which addresses there are, which filters lists take and which attributes bodies
must and may have. What answers may hold, GitLab's own entities say (lib/api/entities), whose names stand here."""
import re
from urllib.parse import unquote

from gitlab.v4 import objects
from models import merged
from pydantic_gitlab_webhooks import validate_event_header_and_body_dict
from world import OURS, TEAMS, USERS, Missing, Refused

# What an entity exposes. Merge requests in lists have less.
USER = {"id", "username", "name", "state", "avatar_url", "web_url", "public_email"}
BASIC = {
    "id", "iid", "project_id", "title", "description", "state", "created_at", "updated_at", "merged_by", "merged_at", "closed_by",
    "closed_at", "target_branch", "source_branch", "user_notes_count", "upvotes", "downvotes", "assignee", "author", "assignees",
    "reviewers", "source_project_id", "target_project_id", "labels", "draft", "work_in_progress", "milestone", "merge_status",
    "detailed_merge_status", "merge_after", "sha", "merge_commit_sha", "squash_commit_sha", "discussion_locked", "references",
    "web_url", "squash", "has_conflicts", "blocking_discussions_resolved"}
WHOLE = BASIC | {"subscribed", "changes_count", "pipeline", "head_pipeline", "diff_refs", "merge_error", "diverged_commits_count",
                 "rebase_in_progress", "first_contribution", "user"}
NOTE = {"id", "type", "body", "attachment", "author", "created_at", "updated_at", "system", "noteable_id", "noteable_type",
        "project_id", "resolvable", "confidential", "internal", "noteable_iid", "commands_changes", "imported"}
STATUS = {"id", "sha", "ref", "status", "name", "target_url", "description", "created_at", "started_at", "finished_at",
          "allow_failure", "coverage", "pipeline_id", "author"}
ISSUE = {"id", "iid", "project_id", "title", "description", "state", "created_at", "updated_at", "labels", "author", "web_url"}
VERSION = {"id", "head_commit_sha", "base_commit_sha", "start_commit_sha", "created_at", "merge_request_id", "state", "real_size"}
DIFF = {"diff", "new_path", "old_path", "a_mode", "b_mode", "new_file", "renamed_file", "deleted_file", "generated_file",
        "collapsed", "too_large"}
APPROVALS = {"user_has_approved", "user_can_approve", "approved", "approved_by"}
MEMBER = USER | {"access_level", "created_at", "expires_at"}
GROUP = {"id", "name", "path", "full_path", "full_name", "web_url", "visibility", "parent_id"}
AWARD = {"id", "name", "user", "created_at", "updated_at", "awardable_id", "awardable_type"}
PAGES = {"page", "per_page"}
MR, NOTES = "/projects/{project_id}/merge_requests/{mr_iid}", objects.ProjectMergeRequestNoteManager
AWARDS = objects.ProjectMergeRequestNoteAwardEmojiManager


class Operation:
    """One of a manager's: `way` is list, get, create, update or delete. `more` is what python-gitlab does not check, and
    GitLab's documentation has."""

    def __init__(self, line, handler, entity, manager, way, status=200, path=None, more=()):
        self.method, self.template = line.split(" ")
        self.handler, self.entity, self.way, self.status = handler, entity, way, status
        pattern = re.sub(r"\{[^}]+\}", "([^/]+)", self.template) + "$"
        self.pattern = re.compile(pattern)
        self.query, self.required, self.optional = set(), set(), set()
        if manager:
            own = path or manager._path
            wanted = own if way in ("list", "create") or path else own + "/{id}"
            shape = re.sub(r"\{[^}]+\}", "{}", self.template)
            assert shape in (re.sub(r"\{[^}]+\}", "{}", wanted), re.sub(r"\{[^}]+\}", "{}", own)), (shape, own)
        if way == "list":
            self.query = set(getattr(manager, "_list_filters", ())) | PAGES | set(more)
        elif way == "get":
            self.query = set(getattr(manager, "_optional_get_attrs", ())) | set(more)
        elif way in ("create", "update"):
            attributes = manager._create_attrs if way == "create" else manager._update_attrs
            self.required = set(attributes.required)
            self.optional = set(attributes.optional) | set(more)


OPERATIONS = [
    Operation("GET /user", "me", USER | {"email", "bot", "created_at"}, None, "get"),
    Operation("GET /users", "users", USER, objects.UserManager, "list"),
    Operation("GET /projects/{project_id}/members/all/{id}", "member", MEMBER, objects.ProjectMemberAllManager, "get"),
    Operation("GET /groups/{id}", "group", GROUP, objects.GroupManager, "get", more=("with_projects",)),
    Operation("GET /groups/{group_id}/members/{id}", "group_member", MEMBER, objects.GroupMemberManager, "get"),
    Operation("GET /projects/{project_id}/merge_requests", "pulls", BASIC, objects.ProjectMergeRequestManager, "list"),
    Operation(f"GET {MR}", "pull", WHOLE, objects.ProjectMergeRequestManager, "get"),
    # python-gitlab has `labels` alone.
    Operation(f"PUT {MR}", "edit", WHOLE, objects.ProjectMergeRequestManager, "update", more=("add_labels", "remove_labels")),
    # python-gitlab has its predecessor, `changes`.
    Operation(f"GET {MR}/diffs", "files", DIFF, None, "list", more=("unidiff",)),
    Operation(f"GET {MR}/versions", "versions", VERSION, objects.ProjectMergeRequestDiffManager, "list"),
    Operation(f"GET {MR}/approvals", "approvals", APPROVALS, objects.ProjectMergeRequestApprovalManager, "get"),
    Operation(f"GET {MR}/notes", "comments", NOTE, NOTES, "list", more=("order_by", "sort", "activity_filter")),
    Operation(f"POST {MR}/notes", "create_comment", NOTE, NOTES, "create", 201),
    Operation(f"PUT {MR}/notes/{{id}}", "edit_comment", NOTE, NOTES, "update"),
    Operation(f"DELETE {MR}/notes/{{id}}", "delete_comment", None, NOTES, "delete", 204),
    Operation(f"GET {MR}/notes/{{note_id}}/award_emoji", "awards", AWARD, AWARDS, "list"),
    Operation(f"POST {MR}/notes/{{note_id}}/award_emoji", "react", AWARD, AWARDS, "create", 201),
    Operation("GET /projects/{project_id}/repository/commits/{commit_id}/statuses", "statuses", STATUS,
              objects.ProjectCommitStatusManager, "list", more=("ref", "stage", "name", "all", "order_by", "sort")),
    Operation("POST /projects/{project_id}/statuses/{commit_id}", "set_status", STATUS, objects.ProjectCommitStatusManager, "create", 201,
              path="/projects/{project_id}/statuses/{commit_id}"),
    Operation("GET /projects/{project_id}/issues", "issues", ISSUE, objects.ProjectIssueManager, "list"),
    Operation("POST /projects/{project_id}/issues", "open_issue", ISSUE, objects.ProjectIssueManager, "create", 201),
    Operation("PUT /projects/{project_id}/issues/{id}", "edit_issue", ISSUE, objects.ProjectIssueManager, "update"),
    Operation("POST /projects/{project_id}/issues/{issue_iid}/notes", "issue_note", NOTE, objects.ProjectIssueNoteManager, "create", 201),
]


def user(name):
    return {"id": USERS[name], "username": name, "name": name.title(), "state": "active", "avatar_url": None,
            "web_url": f"https://gitlab.example/{name}"}


class API:
    prefix = "/api/v4"
    largest_page = 100

    def operation(self, method, path):
        for operation in OPERATIONS:
            match = operation.pattern.match(path)
            if match and operation.method == method:
                return operation, dict(zip(re.findall(r"\{([^}]+)\}", operation.template), map(unquote, match.groups())))
        return None, None

    def repository(self, values):
        return values.get("project_id") if values else None

    def request_problem(self, operation, query, body):
        unknown = set(query) - operation.query
        if unknown:
            return f"there is no parameter {sorted(unknown)}"
        if operation.way not in ("create", "update"):
            return None if body is None else "there is no body"
        missing, unknown = operation.required - set(body or {}), set(body or {}) - operation.required - operation.optional
        if missing or unknown:
            return f"missing: {sorted(missing)}, nobody knows: {sorted(unknown)}"
        return next((f"{key} is no text" for key, value in body.items() if not isinstance(value, str)), None)

    def answer_problem(self, operation, status, found):
        if status != operation.status:
            return f"status {status} instead of {operation.status}"
        if operation.entity is None:
            return None if found is None else "there is no answer's body"
        each = found if operation.way == "list" else [found]
        return next((f"nobody exposes {sorted(set(one) - operation.entity)}" for one in each if set(one) - operation.entity), None)

    def has_pages(self, operation):
        return operation.way == "list"

    def says_next(self, path):
        return True

    def user(self, method, path, headers, place):
        return OURS if headers.get("PRIVATE-TOKEN") == "a-token" else None

    def handle(self, operation, values, query, body, place, who):
        found = getattr(self, operation.handler)(values, query, body, place, who)
        return operation.status, found, {}

    # Who

    def me(self, values, query, body, place, who):
        return {**user(who), "bot": False}

    def users(self, values, query, body, place, who):
        return [user(name) for name in USERS if name == query.get("username", name)]

    def member(self, values, query, body, place, who):
        levels = {"admin": 40, "write": 30, "read": 20}
        for name, number in USERS.items():
            if number == int(values["id"]) and name in place.permissions:
                return {**user(name), "access_level": levels[place.permissions[name]], "expires_at": None}
        raise Missing()

    def group(self, values, query, body, place, who):
        name = values["id"].lower()
        if name not in TEAMS:
            raise Missing()
        return {"id": 1, "name": name, "path": name.split("/")[-1], "full_path": name, "web_url": f"https://gitlab.example/groups/{name}"}

    def group_member(self, values, query, body, place, who):
        for name in TEAMS.get(values["group_id"].lower(), []):
            if USERS[name] == int(values["id"]):
                return {**user(name), "access_level": 30, "expires_at": None}
        raise Missing()

    # Merge requests

    def basic(self, pull, place):
        words = {"open": "opened"}
        status = (
            "not_open" if pull["state"] != "open" else "checking" if pull["mergeable"] is None
            else "conflict" if not pull["mergeable"] else "draft_status" if pull["draft"] else pull["blocked"] or "mergeable")
        return {
            "id": pull["number"] + 500, "iid": pull["number"], "project_id": 1, "title": pull["title"], "description": "",
            "state": words.get(pull["state"], pull["state"]), "draft": pull["draft"], "author": user(pull["who"]),
            "source_branch": pull["branch"], "target_branch": pull["base"], "sha": pull["commit"],
            "source_project_id": None if pull["gone"] else 2 if pull["fork"] else 1, "target_project_id": 1,
            "labels": sorted(pull["labels"]), "detailed_merge_status": status, "has_conflicts": pull["mergeable"] is False,
            "merge_commit_sha": pull["merge_commit"], "squash_commit_sha": None,
            "web_url": f"https://gitlab.example/{place.repository}/-/merge_requests/{pull['number']}"}

    def pull(self, values, query, body, place, who):
        pull = place.find(place.pulls, values["mr_iid"])
        count = len(pull["files"])
        whole = {**self.basic(pull, place), "changes_count": None if count == 0 else f"{count}+" if pull["more_files"] else str(count),
                 "diff_refs": {"base_sha": pull["base_commit"], "head_sha": pull["commit"], "start_sha": pull["base_commit"]},
                 "first_contribution": pull["first"], "user": {"can_merge": True}}
        if query.get("include_diverged_commits_count") == "true":
            whole["diverged_commits_count"] = place.ahead
        if pull["mergeable"] is None:
            pull["mergeable"] = True
        return whole

    def pulls(self, values, query, body, place, who):
        words = {"opened": "open"}
        return [self.basic(pull, place) for pull in place.pulls.values() if pull["state"] == words.get(query["state"], query["state"])]

    def edit(self, values, query, body, place, who):
        pull = place.find(place.pulls, values["mr_iid"])
        for name in filter(None, body.get("add_labels", "").split(",")):
            if name not in pull["labels"]:
                pull["labels"].append(name)
        gone = body.get("remove_labels", "").split(",")
        pull["labels"] = [name for name in pull["labels"] if name not in gone]
        return self.pull(values, {}, None, place, who)

    def files(self, values, query, body, place, who):
        return [
            {"old_path": file.get("former", file["path"]), "new_path": file["path"], "a_mode": "100644", "b_mode": "100644", "diff": "",
             "new_file": file["change"] == "added", "renamed_file": file["change"] == "renamed",
             "deleted_file": file["change"] == "deleted", "generated_file": False}
            for file in place.find(place.pulls, values["mr_iid"])["files"]]

    def versions(self, values, query, body, place, who):
        return [{"id": each["id"], "head_commit_sha": each["commit"], "created_at": each["created"], "state": "collected"}
                for each in place.find(place.pulls, values["mr_iid"])["versions"]]

    def approvals(self, values, query, body, place, who):
        latest = {review["who"]: review for review in place.find(place.pulls, values["mr_iid"])["reviews"]}
        given = [{"user": user(name), "approved_at": review["created"]} for name, review in latest.items() if review["state"] == "APPROVED"]
        return {"approved": bool(given), "user_has_approved": False, "user_can_approve": True, "approved_by": given}

    # Notes

    def note(self, comment):
        return {"id": comment["id"], "type": None, "body": comment["body"], "author": user(comment["who"]), "system": comment.get("system", False),
                "created_at": comment["created"].replace("Z", ".123Z"), "updated_at": comment["updated"].replace("Z", ".123Z"),
                "noteable_type": "MergeRequest", "noteable_iid": comment["on"], "resolvable": False, "internal": False}

    def comments(self, values, query, body, place, who):
        key = {"updated_at": "updated", "created_at": "created"}[query.get("order_by", "created_at")]
        found = [comment for comment in place.comments.values() if comment["on"] == int(values["mr_iid"])]
        found.append({"id": 100, "on": int(values["mr_iid"]), "who": "bob", "body": "added 1 commit", "system": True,
                      "created": "2026-11-21T09:00:00Z", "updated": "2026-11-21T09:00:00Z"})
        return [self.note(each) for each in sorted(found, key=lambda each: (each[key], each["id"]), reverse=query.get("sort", "desc") == "desc")]

    def create_comment(self, values, query, body, place, who):
        place.find(place.pulls, values["mr_iid"])
        if len(body["body"]) > 1_000_000:
            raise Refused("note is too long")
        return self.note(place.comment(values["mr_iid"], who, body["body"]))

    def edit_comment(self, values, query, body, place, who):
        comment = place.find(place.comments, values["id"])
        comment.update(body=body["body"], updated=place.now())
        return self.note(comment)

    def delete_comment(self, values, query, body, place, who):
        place.find(place.comments, values["id"])
        del place.comments[int(values["id"])]

    def award(self, reaction):
        return {"id": 1, "name": reaction["content"], "user": user(OURS), "awardable_id": reaction["comment"], "awardable_type": "Note"}

    def awards(self, values, query, body, place, who):
        return [self.award(each) for each in place.reactions.values() if each["comment"] == int(values["note_id"])]

    def react(self, values, query, body, place, who):
        comment = place.find(place.comments, values["note_id"])
        key = (values["note_id"], body["name"])
        if key in place.reactions:
            raise Missing()
        # As if it had been edited (Note#bump_updated_at).
        comment["updated"] = place.now()
        place.reactions[key] = {"comment": int(values["note_id"]), "content": body["name"]}
        return self.award(place.reactions[key])

    # Statuses and issues

    def status_shape(self, status):
        return {"id": status["id"], "sha": status["commit"], "ref": "change", "status": status["state"], "name": status["name"],
                "target_url": status["target_url"], "description": status["description"], "author": user(OURS), "allow_failure": False}

    def statuses(self, values, query, body, place, who):
        latest = {each["name"]: each for each in place.statuses if each["commit"] == values["commit_id"]}
        return [self.status_shape(each) for each in latest.values()]

    def set_status(self, values, query, body, place, who):
        if len(body.get("description", "")) > 255:
            raise Refused("description is too long (maximum is 255 characters)")
        known = [each for each in place.statuses if each["commit"] == values["commit_id"] and each["name"] == body["name"]]
        if known and known[-1]["state"] == body["state"] and body["state"] in ("pending", "running"):
            raise Refused(f"Cannot transition status via :enqueue from :{body['state']}")
        return self.status_shape(place.status(values["commit_id"], {"target_url": None, "description": None, **body}))

    def issue_shape(self, issue, place):
        return {"id": issue["id"], "iid": issue["number"], "project_id": 1, "title": issue["title"], "description": issue["body"],
                "state": "opened" if issue["state"] == "open" else "closed", "author": user(issue["who"]), "labels": [],
                "web_url": f"https://gitlab.example/{place.repository}/-/issues/{issue['number']}"}

    def issues(self, values, query, body, place, who):
        return [self.issue_shape(issue, place) for issue in place.issues.values()
                if issue["state"] == "open" and str(USERS[issue["who"]]) == query["author_id"]]

    def open_issue(self, values, query, body, place, who):
        return self.issue_shape(place.issue(max([0, *place.issues]) + 1, who, body["title"], body.get("description")), place)

    def edit_issue(self, values, query, body, place, who):
        issue = place.find(place.issues, values["id"])
        issue["title"], issue["body"] = body.get("title", issue["title"]), body.get("description", issue["body"])
        if body.get("state_event") == "close":
            issue["state"] = "closed"
        return self.issue_shape(issue, place)

    def issue_note(self, values, query, body, place, who):
        place.find(place.issues, values["issue_iid"])
        return {"id": next(place.numbers), "type": None, "body": body["body"], "author": user(who), "system": False,
                "created_at": place.now(), "updated_at": place.now(), "noteable_type": "Issue"}

    def webhook(self, event, action, over):
        project = {"id": 1, "name": "infra", "description": "", "web_url": "https://gitlab.example/acme/infra", "avatar_url": None,
                   "git_ssh_url": "git@gitlab.example:acme/infra.git", "git_http_url": "https://gitlab.example/acme/infra.git",
                   "namespace": "acme", "visibility_level": 0, "path_with_namespace": "acme/infra", "default_branch": "main"}
        repository = {"name": "infra", "url": project["git_ssh_url"], "description": "", "homepage": project["web_url"]}
        who = {"id": 3, "name": "Bob", "username": "bob", "avatar_url": None, "email": "[REDACTED]"}
        if event in ("Push Hook", "Tag Push Hook"):
            kind = event.split(" Hook")[0].lower().replace(" ", "_")
            return merged({
                "object_kind": kind, "event_name": kind, "before": "b" * 40, "after": "a" * 40, "ref": "refs/heads/main", "ref_protected": True,
                "checkout_sha": "a" * 40, "message": None, "user_id": 3, "user_name": "Bob", "user_username": "bob", "user_email": "",
                "user_avatar": None, "project_id": 1, "project": {**project, "homepage": "", "url": "", "ssh_url": "", "http_url": ""},
                "repository": {**repository, "git_http_url": project["git_http_url"], "git_ssh_url": project["git_ssh_url"], "visibility_level": 0},
                "commits": [], "total_commits_count": 0}, over)
        commit = {"id": "a" * 40, "message": "Change it", "title": "Change it", "timestamp": "2026-11-21T10:00:00+00:00",
                  "url": "https://gitlab.example/acme/infra/-/commit/a", "author": {"name": "Bob", "email": "bob@noreply.example"}}
        request = {
            "id": 507, "iid": 7, "title": "Change it", "description": "", "state": "opened", "created_at": "2026-11-21 10:00:00 UTC",
            "updated_at": "2026-11-21 10:00:00 UTC", "target_branch": "main", "source_branch": "change", "source_project_id": 1,
            "target_project_id": 1, "author_id": 3, "assignee_id": None, "assignee_ids": [], "reviewer_ids": [], "milestone_id": None,
            "merge_status": "unchecked", "detailed_merge_status": "mergeable", "merge_error": None, "merge_params": {}, "merge_user_id": None,
            "merge_when_pipeline_succeeds": False, "merge_commit_sha": None, "draft": False, "work_in_progress": False, "labels": [],
            "first_contribution": False, "head_pipeline_id": None, "last_edited_at": None, "last_edited_by_id": None, "position": 0,
            "state_id": 1, "time_estimate": 0, "total_time_spent": 0, "time_change": 0, "human_total_time_spent": None,
            "human_time_change": None, "human_time_estimate": None, "updated_by_id": None, "blocking_discussions_resolved": True,
            "url": "https://gitlab.example/acme/infra/-/merge_requests/7", "last_commit": commit, "source": project, "target": project,
            "assignee": None}
        body = {"user": who, "project": project, "repository": repository}
        if event == "Merge Request Hook":
            body.update(object_kind="merge_request", event_type="merge_request", labels=[], changes={},
                        object_attributes={**request, "action": action})
        else:
            body.update(object_kind="note", event_type="note", project_id=1, merge_request=request, object_attributes={
                "id": 900, "note": "plumb plan", "noteable_type": "MergeRequest", "author_id": 3, "created_at": "2026-11-21 10:00:30 UTC",
                "updated_at": "2026-11-21 10:00:30 UTC", "project_id": 1, "attachment": None, "line_code": None, "commit_id": "", "noteable_id": 507,
                "system": False, "st_diff": None, "action": action, "url": "https://gitlab.example/acme/infra/-/merge_requests/7#note_900"})
        return merged(body, over)

    def webhook_problem(self, event, body):
        try:
            validate_event_header_and_body_dict(event, body)
            return None
        except Exception as error:
            return " ".join(str(error).splitlines()[:4])
