"""Draws the names of an app from word lists, so that none of them means anything to the engine."""

MODELS = (
    "Anchor Basket Beacon Bottle Bridge Bucket Cabin Candle Canoe Carpet Castle Comet Compass Cradle Dagger Engine "
    "Falcon Feather Fiddle Garden Goblet Hammer Harbor Helmet Island Jacket Kettle Ladder Lantern Locker Magnet "
    "Marble Mirror Needle Orchard Paddle Parcel Pebble Pillow Planet Quarry Rocket Saddle Scarf Shovel Signal "
    "Spindle Stable Tailor Teapot Temple Thimble Tractor Tunnel Turbine Valley Violin Wagon Window Yard Zipper"
).split()
APPS = "acorn birch cedar dune ember fjord grove heath inlet juniper kelp lagoon mesa north oasis prairie reef".split()
TEXTS = "title caption heading motto summary slogan remark alias blurb legend epithet byline wording".split()
NUMBERS = "weight height rank depth score volume stock price quota width length".split()
FLAGS = "visible enabled public ready fresh featured listed locked".split()
SLUGS = "slug code handle reference".split()
READ_VERBS = "get fetch find lookup read load_cached obtain take see give cached".split()
LOAD_VERBS = "compute collect assemble gather produce make work_out".split()
DROP_VERBS = "drop forget invalidate bust expire evict purge discard reset clear_out wipe".split()
HOOK_VERBS = "on after when handle react_to notice sync".split()
MODULES = {
    "caching": "caching lookups selectors readers shelves memory quick repository".split(),
    "keys": "keys naming cachekeys constants labels".split(),
    "drops": "invalidation dropping freshness upkeep eviction stale".split(),
    "hooks": "signals receivers handlers listeners events wiring".split(),
    "services": "services operations actions commands_api workflows jobs views tasks_sync".split(),
    "shapes": "serializers shapes presenters payloads output".split(),
    "managers": "managers querysets persistence db_access".split(),
    "stores": "stores backends clients connections storage".split(),
    "bases": "bases mixins abstract common".split(),
}


def snake(name):
    """`FlagPrice` as `flag_price`."""
    return "".join(("_" if c.isupper() and i else "") + c.lower() for i, c in enumerate(name))


class Names:
    """Hands out each name once."""

    def __init__(self, rng):
        self.rng = rng
        self.taken = set()

    def draw(self, words):
        """A word of the list that was not handed out before."""
        word = self.rng.choice([w for w in words if w not in self.taken])
        self.taken.add(word)
        return word

    def function(self, verbs, noun):
        """A function name such as `fetch_lantern`, with a number only where it would come twice."""
        name = f"{self.rng.choice(verbs)}_{noun}"
        while name in self.taken:
            name = (
                f"{self.rng.choice(verbs)}_{noun}_{self.rng.choice(['again', 'entry', 'data', 'info', 'copy', 'one'])}"
            )
            if name in self.taken:
                name = f"{name}{self.rng.randrange(2, 99)}"
        self.taken.add(name)
        return name

    def klass(self, *suffixes):
        """A class name that is none of the models', such as `PebbleStore`."""
        name = self.draw(MODELS) + self.rng.choice(suffixes)
        self.taken.add(name)
        return name
