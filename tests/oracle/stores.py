"""Where entries are kept and under which keys: cache calls, Redis strings and hashes, and the spelling of keys."""

from dataclasses import dataclass

FINITE = ["300", "60 * 5", "3600", "86400", "60 * 60 * 24"]
SHORT = ["30", "5", "60"]


@dataclass
class Timeout:
    """How long an entry lives: `default`, `none`, `finite` or `short`, and how that is written."""

    kind: str
    text: str

    def argument(self, rng_word):
        """The end of the argument list of a `set`."""
        return "" if self.kind == "default" else f", {rng_word}{self.text}"


def draw_timeout(rng, kinds):
    kind = rng.choice(kinds)
    return Timeout(kind, {"default": "", "none": "None"}.get(kind) or rng.choice(FINITE if kind == "finite" else SHORT))


class DjangoStore:
    """The cache API: the default cache, or another alias."""

    def __init__(self, rng, alias=None):
        self.alias = alias
        self.word = rng.choice(["", "timeout="])

    def handle(self, scope):
        if self.alias is None:
            scope.need("from django.core.cache import cache")
            return "cache"
        scope.need("from django.core.cache import caches")
        return f'caches["{self.alias}"]'

    def get(self, scope, key):
        return f"{self.handle(scope)}.get({key})"

    def set(self, scope, key, value, timeout):
        return f"{self.handle(scope)}.set({key}, {value}{timeout.argument(self.word)})"

    def delete(self, scope, key):
        return f"{self.handle(scope)}.delete({key})"

    def load(self, found):
        return found


class RedisStore:
    """A Redis client; values are pickled. With a hash, the key of an entry is a field of it."""

    alias = None

    def __init__(self, client, hash_name=None):
        self.client = client
        self.hash_name = hash_name

    def handle(self, scope):
        return scope.ref(self.client)

    def get(self, scope, key):
        if self.hash_name:
            return f'{self.handle(scope)}.hget("{self.hash_name}", {key})'
        return f"{self.handle(scope)}.get({key})"

    def set(self, scope, key, value, timeout):
        scope.need("import pickle")
        if self.hash_name:
            return f'{self.handle(scope)}.hset("{self.hash_name}", {key}, pickle.dumps({value}))'
        expiry = f", ex={timeout.text}" if timeout.kind in ("finite", "short") else ""
        return f"{self.handle(scope)}.set({key}, pickle.dumps({value}){expiry})"

    def delete(self, scope, key):
        if self.hash_name:
            return f'{self.handle(scope)}.hdel("{self.hash_name}", {key})'
        return f"{self.handle(scope)}.delete({key})"

    def load(self, found):
        return f"pickle.loads({found})"


def draw_store(rng, names, app):
    """A store for one entry; a Redis client gets a module or a place in the caching module."""
    kind = rng.choice(["cache"] * 5 + ["alias", "redis", "redis", "hash"])
    if kind in ("cache", "alias"):
        return DjangoStore(rng, rng.choice(["second", "rows", "fast"]) if kind == "alias" else None)
    module = app.module("stores")
    module.need("import redis")
    client = module.define(rng.choice(["client", "redis_client", "pool", "conn"]))
    if client.name not in app.clients:
        app.clients.add(client.name)
        made = rng.choice(
            ['redis.Redis(host="localhost")', 'redis.from_url("redis://localhost/0")', "redis.StrictRedis()"]
        )
        module.add(f"{client.name} = {made}")
    return RedisStore(
        client, f"{names.rng.choice(['rows', 'cards', 'h'])}-{rng.randrange(99)}" if kind == "hash" else None
    )


class Key:
    """The spelling of a key; `spell` writes it for an argument, and every writer of it may spell it another way."""

    def __init__(self, rng, names, app, prefix, holes):
        self.rng = rng
        self.app = app
        self.prefix = prefix
        self.separator = rng.choice([":", ":", "-", "_", "."])
        self.holes = holes
        self.tail = rng.choice(["", "", ":v1", "/card"])
        self.style = rng.choice(["inline", "inline", "function", "constant"])
        self.names = names
        self.symbol = None

    def define(self):
        """Writes the key function or the constant, once something spells the key with it."""
        module, noun = self.app.module("keys"), self.prefix.replace("-", "_")
        if self.style == "function":
            self.symbol = module.define(self.names.function(["key_of", "cache_key", "make_key", "name_of"], noun))
            parameter, text = ("ident", self.inline("ident")) if self.holes else ("", self.inline(None))
            module.add(f"def {self.symbol.name}({parameter}):\n    return {text}")
        else:
            self.symbol = module.define(self.names.function(["KEY", "PREFIX", "CACHE"], noun).upper())
            self.template = self.rng.choice(["%s", "{}", ""]) if self.holes else ""
            text = f"{self.prefix}{self.separator}{self.template}{self.tail}" if self.template else self.prefix
            module.add(f'{self.symbol.name} = "{text}"')

    def inline(self, arg):
        """The key as a literal, in a spelling drawn for this place."""
        start = f"{self.prefix}{self.separator}"
        if not self.holes:
            return f'"{self.prefix}"'
        spelled = [
            f'f"{start}{{{arg}}}{self.tail}"',
            f'f"{start}{{{arg}}}{self.tail}"',
            f'"{start}%s{self.tail}" % {arg}',
            f'"{start}%s{self.tail}" % ({arg},)',
            f'"{start}{{}}{self.tail}".format({arg})',
            f'"{start}" + str({arg})' + (f' + "{self.tail}"' if self.tail else ""),
        ]
        return self.rng.choice(spelled)

    def spell(self, scope, arg):
        if self.style == "inline":
            return self.inline(arg)
        if self.symbol is None:
            self.define()
        expression = scope.ref(self.symbol)
        if self.style == "function":
            return f"{expression}({arg or ''})"
        if not self.holes:
            return expression
        if self.template == "%s":
            return f"{expression} % {arg}"
        if self.template:
            return f"{expression}.format({arg})"
        return f'f"{{{expression}}}{self.separator}{{{arg}}}{self.tail}"'
