"""Cloudflare: each answer in the same envelope, numbered pages with their count, refusals by codes."""
import math
import uuid

from shelf import Shelf, page


def new_id():
    return uuid.uuid4().hex


class Cloudflare:
    def __init__(self, answers, refusal):
        self.refusal = refusal
        self.zones, self.records = Shelf(answers["zone"], new_id), {}
        # Zones are made by people; there is one.
        self.zones.things = {answers["zone"]["id"]: answers["zone"]}
        self.records[answers["zone"]["id"]] = Shelf(answers["record"], new_id)

    def envelope(self, result, **more):
        return {"success": True, "errors": [], "messages": [], "result": result, **more}

    def error(self, status, code, message):
        number = {"unauthorized": 10000, "unprocessable_entity": 9207}.get(code, code)
        status = {422: 400}.get(status, status)
        return status, {"success": False, "errors": [{"code": number, "message": message}], "messages": [], "result": None}

    def refuse(self, status, code, message):
        raise self.refusal(*self.error(status, code, message))

    def found(self, thing, code=81044):
        if thing is None:
            self.refuse(404, code, "Record does not exist.")
        return thing

    def listed(self, things, request, least):
        number, size = int(request.query.get("page", 1)), int(request.query.get("per_page", 100))
        items, _ = page(things, number, size)
        info = {"page": number, "per_page": size, "count": len(items), "total_count": len(things), "total_pages": max(least, math.ceil(len(things) / size))}
        return 200, self.envelope(items, result_info=info), {}

    def handle(self, method, path, ids, request):
        if not ids:
            found = [one for one in self.zones.all() if request.query.get("name", one["name"]) == one["name"]]
            return self.listed(found, request, 1)
        zone = self.found(self.zones.get(ids[0]), 7003)
        shelf = self.records[zone["id"]]
        if len(ids) == 1 and method == "GET":
            def fits(record):
                name = request.query.get("name.exact", record["name"])
                return name == record["name"] and request.query.get("type", record["type"]) == record["type"]
            return self.listed([one for one in shelf.all() if fits(one)], request, 0)
        if len(ids) == 1:
            return 200, self.envelope(shelf.add(**self.checked(shelf, request.body))), {}
        record = self.found(shelf.get(ids[1]))
        if method == "DELETE":
            shelf.remove(ids[1])
            return 200, self.envelope({"id": ids[1]}), {}
        if method == "PUT":
            record.update(self.checked(shelf, request.body, record))
        return 200, self.envelope(record), {}

    def checked(self, shelf, body, but=None):
        same = [one for one in shelf.all(name=body["name"], type=body["type"]) if one is not but]
        if [one for one in same if one["content"] == body["content"]]:
            self.refuse(400, 81058, "An identical record already exists.")
        if body["type"] == "MX" and "priority" not in body:
            self.refuse(400, 9005, "MX records must have a priority.")
        return {**body, "comment": body.get("comment") or None}


def make(answers, refusal):
    return Cloudflare(answers, refusal)
