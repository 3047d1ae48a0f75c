"""What the APIs that are played have in common: things with ids, in the shape of a recorded answer."""
import copy
import itertools

_numbers = itertools.count(1001)


def next_id():
    return next(_numbers)


class Shelf:
    """Things of one kind by id."""

    def __init__(self, shape, make_id=next_id):
        self.shape, self.make_id, self.things = shape, make_id, {}

    def add(self, **fields):
        thing = copy.deepcopy(self.shape)
        thing.update(fields)
        thing.setdefault("id", None)
        thing["id"] = self.make_id()
        self.things[str(thing["id"])] = thing
        return thing

    def get(self, identifier):
        return self.things.get(str(identifier))

    def remove(self, identifier):
        return self.things.pop(str(identifier), None)

    def all(self, **wanted):
        return [one for one in self.things.values() if all(one.get(key) == value for key, value in wanted.items())]


def page(things, number, size):
    """One page of a list, from 1, and whether another one comes."""
    start = (number - 1) * size
    return things[start : start + size], start + size < len(things)
