"""What a person clicks in each platform's own app to see what is scheduled there, and to stop it.

A council's own words go before these (`[clicks]` in the settings, by platform). Of every menu here only a recollection
is known, none was tried; where a vendor's reference says something about it, the reason is given.
"""

from __future__ import annotations

from collections.abc import Mapping

NOT_VERIFIED = "(menu names not verified)"

CLICKS: Mapping[str, str] = {
    "facebook": "Meta Business Suite > Planner > each scheduled post > Move to drafts; look at Reels and Stories too",
    "instagram": "Meta Business Suite > Planner, and the Instagram app > Scheduled content: move each to drafts",
    "threads": "Threads app > new thread > drafts: look for scheduled threads and remove their time",
    "x": "X on the web > Post > the calendar > Scheduled > Unsent posts: delete each, keeping its words",
    "linkedin": "LinkedIn Page > Create > the clock > View all scheduled posts: delete each, keeping its words",
    "youtube": "YouTube Studio > Content: scheduled videos and premieres to private, community posts deleted",
    "tiktok": "TikTok Studio > Posts: delete each scheduled post, keeping its video",
    "bluesky": "Bluesky itself schedules nothing: look in whatever tool posts there for you, and stop its queue",
    "nextdoor": "Nextdoor for public agencies > posts > scheduled: delete each, keeping its words",
    "wordpress": "Posts > Scheduled > Quick Edit > Draft; pause any plugin that shares posts by itself",
    "newsletter": "In your mailing tool > campaigns > scheduled: pause each, and every automatic series",
    "whatsapp": "In WhatsApp, and in any tool that sends to the channel: cancel whatever is timed",
    "ads": "In each advertising account > campaigns: pause every campaign that is running or timed to start",
    "screens": "In the screens' own system > playlists: take out campaigns, keep service information",
}
"""The clicks by platform or channel."""

ANY = "In its own app, and in every tool that posts there: look for anything timed or automatic, and stop it"


def clicks(platform: str, own: Mapping[str, str]) -> str:
    """What to click for one platform or channel: the council's own words, else these, marked as not verified."""
    if platform in own:
        return own[platform]
    return f"{CLICKS.get(platform, ANY)} {NOT_VERIFIED}."
