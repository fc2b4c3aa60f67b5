"""The "council" seed: fictional Anyshire's next thirty days, with every post that is awkward to hold.

The texts are in data/council.toml. About five posts in six are known only to Orlo, as in a council that plans there.
"""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from itertools import cycle
from typing import Any

from freeze.sandbox._core.posts import Account, Post
from freeze.sandbox._core.world import LONDON, World

OUR_APP = ("777", "Freeze Guard")
ORLO_APP = ("4410", "Orlo")
SUITE_APP = ("2024", "Meta Business Suite")
EXPORT_AGE = timedelta(hours=14)
IN_ORLO = 276
NETWORKS = {"facebook": "Facebook", "x": "X", "instagram": "Instagram", "linkedin": "LinkedIn"}
CHANNEL = "UCanyshire0000000000001"


class Council:
    """Fills a world with Anyshire's next thirty days."""

    def __init__(self, world: World, data: dict[str, Any]) -> None:
        self.world = world
        self.now = world.now()
        self.chance = random.Random("anyshire")  # noqa: S311 - the same posts every time
        self.data = data
        self.authors = cycle(self.data["authors"])
        self.ids = iter(range(811_000, 900_000))
        self.days = [self.now.astimezone(LONDON).date() + timedelta(days=d) for d in range(31)]

    def fill(self) -> None:
        """All posts: the awkward ones first, then the many ordinary ones."""
        self._awkward()
        self._facebook()
        self._website()
        self._videos()
        self._networks()
        self._recent()
        self._orlo()

    def _orlo(self) -> None:
        reached = [a for a in self.data["accounts"] if a[6]]
        have = len(self.world.posts("orlo", states=["scheduled", "pending_approval", "draft"]))
        for i in range(IN_ORLO - have):
            platform, name, _, service, *_ = reached[i % len(reached)]
            state = self.chance.choices(("scheduled", "pending_approval", "draft"), (88, 7, 5))[0]
            self._add_orlo(platform, name, self._time(), self._words(service), state=state)

    def _awkward(self) -> None:
        a = self.data["awkward"]
        soon = _minute(self.now + timedelta(seconds=60))
        five = _minute(self.now + timedelta(minutes=5))
        self._add_orlo("x", "@Any_Highways", soon, self._words("highways"))
        self._add_orlo("instagram", "anyshireparks", five, self._words("country-parks"))
        self._add_orlo("x", "@AnyshireCC", self._civil(0, 21), self._words("communications"))
        self._add_orlo("facebook", "Anyshire Libraries", self._civil(1, 7), self._words("libraries"))
        self._add_orlo("x", "@AnyshireFire", self._civil(1, 9), a["flood"], tags=("risk-to-life",))
        self._add_orlo("x", "@AnyshireSchools", self._civil(1, 6, 45), a["school"], tags=("service-update",))
        self._add_orlo("facebook", "Fostering in Anyshire", self._civil(3, 12), a["boosted"], boosted=True)
        self._add_orlo("instagram", "anyshirecc", self._civil(5, 15, 30), a["recurring"], repeats=7)
        self._add_orlo("instagram", "anyshirelibraries", self._civil(2, 8), a["emoji"])
        self._add_orlo("facebook", "Anyshire Libraries", self._civil(4, 10), a["right_to_left"])
        self._add_orlo("x", "@AnyshireLibs", self._civil(6, 9), a["hebrew_mixed"])
        self._add_orlo("facebook", "Anyshire County Council", self._civil(2, 11), a["formula"])
        self._add_orlo("x", "@AnyshireCC", self._civil(3, 9, 5), a["plus"])
        self._add_orlo("facebook", "Anyshire County Council", self._civil(2, 7, 30), a["html"])
        self._add_orlo("linkedin", "Anyshire County Council", self._civil(7, 9), a["very_long"] * 85)
        self._add_orlo("facebook", "Anyshire Highways", self._civil(1, 6), a["comma_lines"])
        self._add_orlo("facebook", "Anyshire Winter Festival", self._civil(8, 17), a["unregistered"])
        for hour, name in ((8, "@HealthyAny"), (12, "@AnyParks"), (16, "@RecycleAny")):
            words = self._words("public-health" if hour == 8 else "country-parks" if hour == 12 else "recycling")
            self._add_orlo("x", name, self._civil(1, hour), words, state="pending_approval")
        late = self.now - timedelta(hours=2)
        self._add_orlo("linkedin", "Anyshire Jobs", self._civil(2, 13), self._words("jobs"), made=late)
        self._add_orlo("x", "@AnyArchives", self._civil(2, 18), self._words("archives"), made=late)
        past = self._civil(0, 0) - timedelta(hours=9)
        self._add_orlo("instagram", "anyshirearchives", past, self._words("archives"), state="pending_approval")

    def _facebook(self) -> None:
        a = self.data["awkward"]
        pages = [(x[5], x[1], x[3]) for x in self.data["accounts"] if x[0] == "facebook"]
        self._add_page(pages[1], self.now + timedelta(seconds=60), "B1234 at Saltmarket reopened at 5pm. Thank you.")
        self._add_page(pages[0], self.now + timedelta(minutes=5), "Tonight's full council meeting is live from 7pm.")
        for i in range(23):
            page = pages[i % len(pages)]
            self._add_page(page, self._time(days=28), self._words(page[2]), boosted=i == 4)
        for i, text in enumerate(a["both_queues"]):
            page = pages[(4, 2, 5, 7)[i]]
            at = self._civil(i + 1, 12 + i)
            self._add_page(page, at, text, app=ORLO_APP)
            self._add_orlo("facebook", page[1], at, text)
        for i, text in enumerate(a["other_app"]):
            self._add_page(pages[0], self._civil(2 + 3 * i, 18), text, app=SUITE_APP)

    def _website(self) -> None:
        self._add_site("Gritting tonight on routes 1 to 12", self.now + timedelta(seconds=90), "future")
        self._add_site("Budget consultation opens", self.now + timedelta(minutes=5), "future")
        for title, state in (
            ("Warm spaces in every library", "future"),
            ("Christmas opening times", "future"),
            ("School closures: how we tell you", "future"),
            ("Fostering open evening in Netherby", "future"),
            ("Winter service plan published", "future"),
            ("Annual report of the county archivist", "future"),
            ("New recycling centre hours", "future"),
            ("Lantern walk at Beacon Hill", "future"),
            ("Statement on the Saltmarket bypass", "pending"),
        ):
            self._add_site(title, self._time(), state)

    def _videos(self) -> None:
        for i, title in enumerate(self.data["video"]["titles"]):
            at = self.now.replace(microsecond=0) + timedelta(minutes=30) if i == 0 else self._time()
            status = {
                "privacyStatus": "private",
                "license": "creativeCommon" if i == 1 else "youtube",
                "embeddable": i != 2,
                "publicStatsViewable": i != 3,
                "selfDeclaredMadeForKids": i == 5,
                "categoryId": "25",
            }
            if i == 4:
                status["containsSyntheticMedia"] = True
            self.world.add(
                Post(
                    "youtube",
                    CHANNEL,
                    f"anyVid{i:05d}",
                    "scheduled",
                    at,
                    f"{self._fill(title)}. A film by Anyshire County Council.",
                    title=self._fill(title),
                    tags=("anyshire",),
                    created_at=self._made(),
                    extra=status,
                )
            )

    def _networks(self) -> None:
        """What stands in the networks' own queues: posts on X by its Ads API, on Instagram by Meta's suite, adverts."""
        for i, (account, text) in enumerate(self.data["native"]["x"]):
            self._add_native("x", account, f"ads:{870_001 + i}", self._civil(2 + i, 8 + i), text)
        for i, (account, text) in enumerate(self.data["native"]["instagram"]):
            self._add_native("instagram", account, f"1790000{i}", self._civil(3 + i, 18, 30), text)
        since = _minute(self.now - timedelta(days=9))
        self._add_native("meta-ads", "act_9100001", "23850", since, "Foster this winter", "published")
        self._add_native("meta-ads", "act_9100001", "23851", since, "Summer reading", "draft")

    def _add_native(
        self, platform: str, account: str, native: str, at: datetime, text: str, state: str = "scheduled"
    ) -> None:
        out = at if state == "published" else None
        made = self.now - timedelta(days=10)
        self.world.add(
            Post(platform, account, native, state, at, text, author="r.alder", created_at=made, published_at=out)
        )

    def _recent(self) -> None:
        for hours in (2, 5, 11, 30, 52):
            at = (self.now - timedelta(hours=hours)).replace(minute=15, second=0, microsecond=0)
            words = self._words("highways")
            self._add_orlo("x", "@Any_Highways", at, words, state="published", made=at - timedelta(days=3))
        at = _minute(self.now - timedelta(hours=3))
        page = ("101200000003", "Anyshire Libraries", "libraries")
        self._add_page(page, at, self._words("libraries"), state="published")
        post = self.world.posts("wordpress")[-1]
        self.world.add(
            Post(
                "wordpress",
                post.account,
                "700",
                "published",
                at,
                "<p>The council met.</p>",
                title="Full council",
                author="1",
                created_at=at,
                published_at=at,
            )
        )

    def _add_orlo(
        self,
        network: str,
        name: str,
        at: datetime,
        text: str,
        *,
        state: str = "scheduled",
        tags: tuple[str, ...] | None = None,
        boosted: bool = False,
        repeats: int = 0,
        made: datetime | None = None,
    ) -> None:
        if tags is None:
            tags = tuple(self.chance.sample(self.data["tags"], self.chance.choice((0, 1, 1, 2))))
        account = f"{network}:{name}"
        if self.world.account("orlo", account) is None:
            self.world.add_account(Account("orlo", account, name))
        self.world.add(
            Post(
                "orlo",
                account,
                str(next(self.ids)),
                state,
                at,
                text,
                link=self.chance.choice(self.data["links"]),
                tags=("recurring", *tags) if repeats else tags,
                author=next(self.authors),
                network=NETWORKS[network],
                boosted=boosted or self.chance.random() < 0.04,
                repeats_days=repeats,
                created_at=made or self._made(),
                published_at=at if state == "published" else None,
            )
        )

    def _add_page(
        self,
        page: tuple[str, str, str],
        at: datetime,
        text: str,
        *,
        app: tuple[str, str] = OUR_APP,
        boosted: bool = False,
        state: str = "scheduled",
    ) -> None:
        self.world.add(
            Post(
                "facebook",
                page[0],
                f"{page[0]}_{self.world.new_id('facebook')}",
                state,
                at.replace(microsecond=0),
                text,
                media=("https://images.anyshire.example/netherby.jpg",) if self.chance.random() < 0.3 else (),
                author=next(self.authors),
                app=app[0],
                app_name=app[1],
                boosted=boosted,
                created_at=self._made(),
                published_at=at if state == "published" else None,
            )
        )

    def _add_site(self, title: str, at: datetime, status: str) -> None:
        self.world.add(
            Post(
                "wordpress",
                "site",
                str(800 + len(self.world.posts("wordpress"))),
                "pending_approval" if status == "pending" else "scheduled",
                at.replace(microsecond=0),
                f"<!-- wp:paragraph --><p>{title}. More from Anyshire County Council.</p><!-- /wp:paragraph -->",
                title=title,
                author="1",
                media=(str(300 + self.chance.randrange(40)),) if self.chance.random() < 0.6 else (),
                created_at=self._made(),
            )
        )

    def _words(self, service: str) -> str:
        return self._fill(self.chance.choice(self.data["texts"][service]))

    def _fill(self, text: str) -> str:
        return text.format(
            town=self.chance.choice(self.data["town"]),
            month=self.chance.choice(("January", "February", "March")),
            name=self.chance.choice(("Alder", "Bramble", "Clover", "Fern")),
            road=self.chance.choice(("A999", "A998", "B1234", "B1235")),
            n=self.chance.randrange(1, 13),
        )

    def _made(self) -> datetime:
        return self.now - EXPORT_AGE - timedelta(hours=self.chance.randrange(1, 24 * 20))

    def _time(self, days: int = 29) -> datetime:
        while True:
            hour, quarter = self.chance.randrange(7, 21), self.chance.choice((0, 15, 30, 45))
            at = self._civil(self.chance.randrange(0, days), hour, quarter)
            if at > self.now + timedelta(minutes=15):
                return at

    def _civil(self, day: int, hour: int, minute: int = 0) -> datetime:
        d = self.days[day]
        at = datetime(d.year, d.month, d.day, hour, minute, tzinfo=LONDON).astimezone(UTC)
        return at + timedelta(days=1) if day == 0 and hour == 21 and at <= self.now else at


def _minute(at: datetime) -> datetime:
    """The first whole minute at or after an instant."""
    whole = at.replace(second=0, microsecond=0)
    return whole if whole == at else whole + timedelta(minutes=1)
