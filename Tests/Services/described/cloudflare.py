"""Cloudflare: each answer in the same envelope, numbered pages with their count, refusals by codes."""
import math
import uuid

from shelf import Shelf, page


def new_id():
    return uuid.uuid4().hex


class Cloudflare:
    def __init__(self, answers, refusal):
        self.refusal = refusal
        self.zones, self.record, self.records = Shelf(answers["zone"], new_id), answers["record"], {}
        # One that somebody made by hand.
        self.zones.things = {answers["zone"]["id"]: answers["zone"]}
        self.records[answers["zone"]["id"]] = Shelf(self.record, new_id)

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
        number, size = int(request.query.get("page", 1)), int(request.query.get("per_page", 20 if least else 100))
        if least and size > 50:
            self.refuse(400, 1006, "per_page is at most 50")
        items, _ = page(things, number, size)
        info = {"page": number, "per_page": size, "count": len(items), "total_count": len(things), "total_pages": max(least, math.ceil(len(things) / size))}
        return 200, self.envelope(items, result_info=info), {}

    def handle(self, method, path, ids, request):
        if not path.endswith("dns_records") and "dns_records/" not in path:
            return self.zone(method, ids, request)
        zone = self.found(self.zones.get(ids[0]), 7003)
        shelf = self.records[zone["id"]]
        if len(ids) == 1 and method == "GET":
            def fits(record):
                name = request.query.get("name.exact", record["name"])
                return name.lower() == record["name"] and request.query.get("type", record["type"]) == record["type"]
            return self.listed([one for one in shelf.all() if fits(one)], request, 0)
        if len(ids) == 1:
            return 200, self.envelope(shelf.add(**self.checked(shelf, request.body))), {}
        record = self.found(shelf.get(ids[1]))
        if method == "DELETE":
            shelf.remove(ids[1])
            return 200, {"result": {"id": ids[1]}}, {}
        if method == "PUT":
            new = self.checked(shelf, request.body, record)
            kept = {"id": record["id"]}
            record.clear()
            record.update({**self.record, **new, **kept})
        return 200, self.envelope(record), {}

    def zone(self, method, ids, request):
        query, body = request.query, request.body
        if not ids and method == "GET":
            found = [
                one for one in self.zones.all()
                if query.get("name", one["name"]) == one["name"] and query.get("account.id", one["account"]["id"]) == one["account"]["id"]
            ]
            return self.listed(found, request, 1)
        if not ids:
            if self.zones.all(name=body["name"]):
                self.refuse(400, 1061, f"{body['name']} already exists")
            zone = self.zones.add(name=body["name"], type=body.get("type", "full"), status="pending", activated_on=None)
            zone["account"]["id"] = body["account"].get("id", zone["account"]["id"])
            self.records[zone["id"]] = Shelf(self.record, new_id)
            return 200, self.envelope(zone), {}
        zone = self.found(self.zones.get(ids[0]), 7003)
        if method == "DELETE":
            self.zones.remove(ids[0])
            return 200, self.envelope({"id": ids[0]}), {}
        zone.update(body or {})
        return 200, self.envelope(zone), {}

    def checked(self, shelf, body, but=None):
        """A record as it is told: with its content, its name in lower case, and a time to live that proxying allows."""
        body = {**body, "name": body["name"].lower()}
        if "data" in body:
            body["content"] = " ".join(str(value) for value in body["data"].values())
            if body["type"] == "SRV":
                body["priority"] = body["data"]["priority"]
        elif body["type"] in ("CNAME", "MX", "NS", "PTR"):
            body["content"] = body["content"].lower().removesuffix(".")
        elif body["type"] == "TXT" and len(body["content"]) > 255:
            text = body["content"].strip('"')
            body["content"] = " ".join(f'"{text[at : at + 255]}"' for at in range(0, len(text), 255))
        if body.get("proxied"):
            body["ttl"] = 1
        same = [one for one in shelf.all(name=body["name"], type=body["type"]) if one is not but]
        if [one for one in same if one["content"] == body["content"]]:
            self.refuse(400, 81058, "An identical record already exists.")
        if body["type"] == "CNAME" and body["content"] == body["name"]:
            self.refuse(400, 9039, "CNAME content cannot reference itself.")
        return {**body, "comment": body.get("comment") or None}


def make(answers, refusal):
    return Cloudflare(answers, refusal)
